/* What the parts of the chats share: words, small pieces of the screen, and the state of the page. */
(function () {
    "use strict";

    // This file comes before those of the journal: what they give is looked up when it is used.
    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});

    /** A word of the chats, else one that all pages share. */
    chats.t = (key, values) => journal.t(`chats.${key}` in journal.config.words ? `chats.${key}` : key, values);

    const MESSENGERS = { whatsapp: "whatsapp", telegram: "telegram" };

    chats.messengerIcon = (name) =>
        journal.el(
            "span",
            { class: "ch-messenger", title: chats.t(`messenger.${name}`) },
            journal.icon(MESSENGERS[name] || "chat-dots"),
            journal.el("span", { class: "visually-hidden" }, chats.t(`messenger.${name}`)),
        );

    /** How a chat is called: its client, what the messenger tells, the number, or its own number. */
    chats.nameOf = (chat) =>
        chat.client || chat.title || chat.number_text || chats.t("chat-no", { no: chat.chat_no || "" });

    /** What was last said, in one line. */
    chats.lastWords = function (chat) {
        if (chat.last_text) return chat.last_text;
        return chat.last_kind ? chats.t(`kind.${chat.last_kind}`) : "";
    };

    /** "5 мин", "2 ч", "3 дн": how long ago, in short. */
    chats.shortSpan = function (seconds) {
        const minutes = Math.max(0, Math.floor(seconds / 60));
        if (minutes < 1) return chats.t("span.now");
        if (minutes < 60) return chats.t("span.minutes", { n: minutes });
        if (minutes < 60 * 48) return chats.t("span.hours", { n: Math.floor(minutes / 60) });
        return chats.t("span.days", { n: Math.floor(minutes / 1440) });
    };

    chats.bytes = function (size) {
        if (!size) return "";
        const steps = ["b", "kb", "mb"];
        const step = size < 1024 ? 0 : size < 1024 * 1024 ? 1 : 2;
        const value = size / 1024 ** step;
        const digits = value < 10 && step ? 1 : 0;
        return chats.t(`bytes.${steps[step]}`, { n: value.toLocaleString(journal.config.locale, { maximumFractionDigits: digits }) });
    };

    /** Text with its web addresses made links; everything lands in text nodes. */
    chats.linked = function (text) {
        const parts = [];
        let at = 0;
        for (const found of text.matchAll(/https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g)) {
            let address;
            try {
                address = new URL(found[0]);
            } catch {
                continue;
            }
            parts.push(text.slice(at, found.index));
            parts.push(
                journal.el("a", { href: address.href, target: "_blank", rel: "noopener noreferrer nofollow" }, found[0]),
            );
            at = found.index + found[0].length;
        }
        parts.push(text.slice(at));
        return parts;
    };

    chats.newKey = () =>
        window.crypto.randomUUID
            ? window.crypto.randomUUID()
            : Array.from(window.crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

    let people = null;

    /** Everybody a chat can be given to; asked for once a page. */
    chats.employees = async function () {
        people = people || journal.request("/api/directory").then((answer) => answer.employee);
        return people.catch(() => {
            people = null;
            return [];
        });
    };

    /** A field with a list of offers below it; choose(text) gives offers, offers are {icon, title, hint, act}. */
    chats.searchField = function ({ label, find, cancel }) {
        const list = journal.el("div", { class: "j-found", role: "listbox", "aria-label": label });
        const input = journal.el("input", {
            type: "text",
            class: "j-input",
            placeholder: label,
            "aria-label": label,
            autocomplete: "off",
        });
        let number = 0;
        const search = async () => {
            const mine = ++number;
            try {
                const offers = await find(input.value.trim());
                if (mine === number) journal.fill(list, offers.map(offer));
            } catch (error) {
                if (mine === number) journal.fill(list, journal.el("p", { class: "j-hint is-error" }, error.message));
            }
        };
        input.addEventListener("input", journal.debounce(search, 180));
        const root = journal.el("div", { class: "j-attach" }, input, list);
        root.addEventListener("keydown", (event) => {
            const offers = [...list.querySelectorAll(".j-offer")];
            const at = offers.indexOf(document.activeElement);
            if (event.key === "ArrowDown" && offers.length) offers[Math.min(at + 1, offers.length - 1)].focus();
            else if (event.key === "ArrowUp" && at >= 0) (offers[at - 1] || input).focus();
            else if (event.key === "Enter" && at < 0 && offers.length) offers[0].click();
            else if (event.key === "Escape" && cancel) cancel();
            else return;
            if (event.key !== "Enter" || at < 0) event.preventDefault();
            event.stopPropagation();
        });
        search();
        return { root, focus: () => input.focus() };
    };

    function offer(one) {
        return journal.el(
            "button",
            { type: "button", class: "j-offer", role: "option", onclick: one.act },
            journal.icon(one.icon),
            journal.el("span", { class: "j-grow" }, one.title, one.hint && journal.el("small", {}, one.hint)),
        );
    }
})();
