/* What did not get through, on the page of messengers: messages that were not sent, deliveries that nobody understood. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    /** found: as /api/messengers tells it; act(path, options): carries out and reads anew. */
    window.callboardTrouble = function (found, act) {
        return el(
            "section",
            { class: "w-page", "aria-labelledby": "messengers-trouble" },
            head("messengers-trouble", t("trouble"), found.dead.length > 1 && again("/api/messengers/again", t("trouble.again.all"), { message_ids: found.dead.map((one) => one.message_id) })),
            found.dead.length
                ? el("ul", { class: "w-list card" }, found.dead.map(letter))
                : el("div", { class: "state" }, journal.icon("check2"), el("h2", {}, t("trouble.none")), el("p", { class: "muted" }, t("trouble.hint"))),
            found.unread.length > 0 && head("messengers-unread", t("unread"), again("/api/messengers/read-again", t("unread.again"), { hook_ids: found.unread.map((one) => one.hook_id) })),
            found.unread.length > 0 && el("p", { class: "j-hint" }, t("unread.hint")),
            found.unread.length > 0 && el("ul", { class: "w-list card" }, found.unread.map(delivery)),
        );

        function letter(one) {
            const path = `/chats/${encodeURIComponent(one.chat_id)}`;
            const who = one.title || one.number || t("trouble.chat", { no: one.chat_no });
            const go = (event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                journal.go(path);
            };
            const words = journal.word(`chats.error.${one.error}`, one.error);
            return el(
                "li",
                { class: "w-row" },
                el(
                    "div",
                    { class: "j-grow" },
                    el("div", { class: "w-bar" }, el("a", { href: path, class: "w-title", onclick: go }, who), title(one.messenger_account), el("span", { class: "j-hint" }, journal.when(one.sent_at), one.author_name && ` · ${one.author_name}`)),
                    one.text && el("div", { class: "w-notes" }, one.text),
                    el("div", {}, el("span", { class: "pill is-missed" }, journal.icon("exclamation-triangle"), words), one.detail && el("span", { class: "j-hint" }, ` ${one.detail}`)),
                ),
                again("/api/messengers/again", t("trouble.again"), { message_ids: [one.message_id] }),
            );
        }

        function delivery(one) {
            return el(
                "li",
                { class: "w-row" },
                el("div", { class: "j-grow" }, el("div", { class: "w-bar" }, title(one.account), el("span", { class: "j-hint" }, journal.when(one.received_at))), el("div", {}, one.error || "")),
            );
        }

        function title(account) {
            const known = found.accounts.find((one) => one.account === account);
            return el("span", { class: "j-hint" }, known ? known.title : account);
        }

        function head(id, words, action) {
            return el("div", { class: "w-bar" }, el("h2", { id }, words), action);
        }

        function again(path, words, json) {
            return el("button", { type: "button", class: "button is-quiet", onclick: () => act(path, { json }) }, journal.icon("arrow-clockwise"), words);
        }
    };
})();
