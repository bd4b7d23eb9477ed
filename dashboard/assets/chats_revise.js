/* Second thoughts about what one sent: other words, or none, as long as the messenger lets us. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    const WITH_WORDS = ["text", "image", "video", "audio", "voice", "document"];
    const INSIDE = ["note", "system"];

    const stands = (entry) =>
        entry.entry === "message" && entry.ours && !entry.pending && !entry.deleted_at && entry.state !== "failed" && !INSIDE.includes(entry.kind);
    const isYoung = (entry, seconds) => Date.now() - Date.parse(entry.happened_at) < seconds * 1000;
    const isMine = (entry) => entry.author === journal.config.user;

    chats.mayEdit = (entry, card) =>
        stands(entry) && isMine(entry) && Boolean(entry.text) && WITH_WORDS.includes(entry.kind) && isYoung(entry, card.able.edits_s);
    chats.mayDelete = (entry, card) => stands(entry) && (isMine(entry) || card.may_manage) && isYoung(entry, card.able.deletes_s);

    /** The words as they are wanted, until the messenger refuses them. */
    chats.wordsOf = (entry) => (entry.change_kind === "edit" && !entry.change_error ? entry.change_text : entry.text);

    /** The button at a message that can be changed or deleted; null where it cannot. */
    chats.reviseButton = function (entry, actions) {
        const items = [
            actions.mayReply && { name: "reply", icon: "reply", text: t("reply"), run: () => actions.reply(entry) },
            actions.mayEdit(entry) && { name: "edit", icon: "pencil", text: t("edit"), run: () => actions.edit(entry) },
            actions.mayDelete(entry) && { name: "delete", icon: "trash", text: t("delete"), run: () => ask(entry, actions) },
        ].filter(Boolean);
        if (!items.some((item) => item.name !== "reply")) return null;
        return el(
            "button",
            {
                type: "button",
                class: "j-icon-button ch-reply",
                "data-do": "revise",
                title: t("message.menu"),
                "aria-label": t("message.menu"),
                "aria-haspopup": "menu",
                onclick: (event) => chats.popMenu(event.currentTarget.getBoundingClientRect(), t("message.menu"), items),
            },
            el("span", { "aria-hidden": "true" }, "⋯"),
        );
    };

    function ask(entry, actions) {
        chats.dialog(t("delete.ask"), (close) =>
            el(
                "form",
                { class: "ch-form", onsubmit: (event) => (event.preventDefault(), close(), actions.revise(entry, null)) },
                el("p", { class: "j-hint" }, t("delete.hint")),
                el("div", { class: "w-actions" }, el("button", { type: "submit", class: "j-button is-primary" }, t("delete")), el("button", { type: "button", class: "j-button", onclick: close }, t("cancel"))),
            ),
        );
    }

    /** What stands beside the time: that it was changed, or is about to be. */
    chats.revisionMark = function (entry) {
        if (entry.change_kind && !entry.change_error)
            return el("span", { class: "ch-changing" }, journal.icon("hourglass-split"), t(entry.change_kind === "edit" ? "changing" : "deleting"));
        return entry.edited_at && !entry.deleted_at && el("span", { title: journal.when(entry.edited_at) }, t("edited"));
    };

    /** Why the messenger refused a change, and what one can do about it. */
    chats.revisionTrouble = function (entry, actions) {
        if (!entry.change_error || entry.deleted_at) return null;
        return el(
            "div",
            { class: "ch-trouble is-quiet" },
            el("span", { title: entry.change_detail || null }, t(`refused.${entry.change_kind}`, { why: t(`why.${entry.change_error}`) })),
            el(
                "span",
                { class: "ch-trouble-acts" },
                el("button", { type: "button", class: "j-link", onclick: () => (entry.change_kind === "edit" ? actions.edit(entry, entry.change_text) : actions.revise(entry, null)) }, t("retry")),
                el("button", { type: "button", class: "j-link", "data-do": "let-stand", onclick: () => actions.letStand(entry) }, t("let-stand")),
            ),
        );
    };

    /** Tell the server; shown at once, and as it was where that is refused. room: a Room. */
    chats.revise = async function (room, entry, text) {
        const former = [entry.change_kind, entry.change_text, entry.change_error];
        [entry.change_kind, entry.change_text, entry.change_error] = [text === null ? "delete" : "edit", text, null];
        room.stream.draw();
        const path = `/api/chats/${room.chatId}/messages/${entry.id}`;
        try {
            await journal.request(path, text === null ? { method: "DELETE" } : { method: "PUT", json: { text } });
        } catch (error) {
            [entry.change_kind, entry.change_text, entry.change_error] = former;
            journal.toast(t("not-changed", { why: error.message }), "error");
            if (!room.isHere()) return;
            room.stream.draw();
            if (text !== null) room.composer.edit(entry, text); // what was typed is not lost
        }
        if (room.isHere()) room.stream.refresh();
    };

    chats.letStand = async function (room, entry) {
        try {
            await journal.request(`/api/chats/${room.chatId}/messages/${entry.id}/revision`, { method: "DELETE" });
        } catch (error) {
            journal.toast(error.message, "error");
        }
        if (room.isHere()) room.stream.refresh();
    };
})();
