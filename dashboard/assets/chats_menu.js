/* What can be done with a chat, wherever it stands: one menu on its row in the list and in its head. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    /** The button of the menu. done(): something was changed. */
    chats.menuButton = (chatId, done, extra) =>
        el(
            "button",
            {
                type: "button",
                class: "j-icon-button ch-menu-button",
                title: t("menu"),
                "aria-label": t("menu"),
                "aria-haspopup": "menu",
                onclick: (event) => chats.openMenu(event.currentTarget.getBoundingClientRect(), chatId, done),
                ...extra,
            },
            el("span", { "aria-hidden": "true" }, "⋯"),
        );

    /** Ask how the chat stands and open the menu at `place` ({left, bottom}); the focus goes back when it closes. */
    chats.openMenu = async function (place, chatId, done) {
        const opener = document.activeElement;
        let card;
        try {
            card = await journal.request(`/api/chats/${encodeURIComponent(chatId)}`);
        } catch (error) {
            return journal.toast(error.message, "error");
        }
        const act = async (name, json, words) => {
            try {
                await journal.request(`/api/chats/${encodeURIComponent(chatId)}/${name}`, { json });
                if (words) journal.toast(words);
                done();
                return true;
            } catch (error) {
                journal.toast(error.status === 409 ? t("conflict-here") : error.message, "error");
                done();
                return false;
            }
        };
        chats.popMenu(place, t("menu.of", { name: chats.nameOf(card) }), itemsOf(card, act), opener);
    };

    /** A menu at `place` ({left, bottom}) of items {name, icon, text, run}, null for a line; the focus goes back to `opener`. */
    chats.popMenu = function (place, label, items, opener = document.activeElement) {
        const box = el("div", { class: "j-menu ch-menu", popover: "auto", role: "menu", "aria-label": label });
        journal.fill(
            box,
            items.map((item) =>
                item === null
                    ? el("hr", {})
                    : el(
                          "button",
                          { type: "button", role: "menuitem", class: "j-menu-item", "data-do": item.name, onclick: () => (box.hidePopover(), item.run()) },
                          journal.icon(item.icon),
                          item.text,
                      ),
            ),
        );
        box.addEventListener("keydown", (event) => {
            if (event.key === "Escape") {
                event.preventDefault();
                event.stopPropagation(); // it closes the menu, not the chat behind it
                box.hidePopover();
                return;
            }
            const lines = [...box.querySelectorAll("button")];
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (!step) return;
            event.preventDefault();
            lines[(lines.indexOf(document.activeElement) + step + lines.length) % lines.length].focus();
        });
        box.addEventListener("toggle", (event) => {
            if (event.newState !== "closed") return;
            const held = box.contains(document.activeElement) || document.activeElement === document.body;
            box.remove();
            if (held && opener?.isConnected) opener.focus({ preventScroll: true });
        });
        document.body.append(box);
        box.showPopover();
        const { width, height } = box.getBoundingClientRect();
        box.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - width - 8))}px`;
        box.style.top = `${Math.max(8, Math.min(place.bottom, window.innerHeight - height - 8))}px`;
        box.querySelector("button")?.focus();
    };

    /** {name, icon, text, run} of each thing that this user may do with the chat; null: a line. */
    function itemsOf(card, act) {
        const { version } = card;
        const rights = journal.config.rights;
        const name = card.title || card.number_text || chats.nameOf(card);
        const work = [
            card.may_take && { name: "take", icon: "hand-index-thumb", text: t("take"), run: () => act("take", { version }) },
            card.may_manage && card.state !== "closed" && { name: "hand-over", icon: "arrow-left-right", text: t(card.assignee ? "hand-over" : "assign"), run: () => handOver(card, act) },
            card.may_manage && card.state === "active" && { name: "queue", icon: "inbox", text: t("to-queue"), run: () => act("hand-over", { employee_id: null, version }) },
            !card.is_watched && !card.is_mine && { name: "watch", icon: "eye", text: t("watch"), run: () => act("watch", {}, t("watched")) },
            card.is_watched && { name: "leave", icon: "eye-slash", text: t("leave"), run: () => act("leave", {}, t("left.done")) },
            card.may_manage && card.state !== "closed" && { name: "close", icon: "check-circle", text: t("close"), run: () => act("close", { version }) },
            card.may_manage && card.state === "closed" && { name: "reopen", icon: "arrow-counterclockwise", text: t("reopen"), run: () => act("reopen", { version }) },
        ];
        const made = [
            rights.edit_clients && !card.account_id && { name: "client", icon: "building", text: t("client.create", { name }), run: () => act("client", { name, kind: "person" }, t("client.done")) },
            rights.edit_clients && card.account_id && !card.contact && { name: "contact", icon: "person-plus", text: t("contact.new", { name }), run: () => chats.newContact(card, name, act) },
            rights.comment && !card.lead_id && { name: "lead", icon: "person-plus-fill", text: t("lead.make"), run: () => act("lead", {}, t("lead.made")) },
            rights.comment && { name: "task", icon: "list-task", text: t("task.new"), run: () => newTask(card) },
        ];
        const [first, second] = [work.filter(Boolean), made.filter(Boolean)];
        return first.length && second.length ? [...first, null, ...second] : [...first, ...second];
    }

    /** A box over the page with what `fill(close)` gives. */
    chats.dialog = dialog;
    function dialog(title, fill) {
        const box = el("dialog", { class: "ch-dialog", "aria-label": title });
        box.addEventListener("close", () => box.remove());
        journal.fill(box, el("h2", {}, title), fill(() => box.close()));
        document.body.append(box);
        box.showModal();
    }

    function newTask(card) {
        const subject = { kind: "chat", id: card.chat_id };
        const title = t("task-title", { name: chats.nameOf(card) });
        const saved = (close) => () => (close(), journal.toast(t("task.made")));
        dialog(t("task.new"), (close) => journal.taskForm({ subject, title, close, saved: saved(close) }));
    }

    async function handOver(card, act) {
        const form = await chats.handOverForm(card, act);
        dialog(t(card.assignee ? "hand-over" : "assign"), form);
    }

    /** Who gets the chat, and what he should know: a function of what closes the form. act(name, body, words) does it. */
    chats.handOverForm = async function (card, act) {
        const people = (await chats.employees()).filter((one) => one.id !== card.assignee_id);
        return (close) => {
            const select = el("select", { class: "j-input", required: true, "aria-label": t("hand-over.to") }, el("option", { value: "" }, t("hand-over.to")), people.map((one) => el("option", { value: one.id }, one.title)));
            const note = el("textarea", { class: "field", rows: 2, maxlength: 4000, placeholder: t("hand-over.note"), "aria-label": t("hand-over.note") });
            const send = async (event) => {
                event.preventDefault();
                if (await act("hand-over", { employee_id: select.value, note: note.value, version: card.version }, t("hand-over.done"))) close();
            };
            return el(
                "form",
                { class: "ch-form", onsubmit: send },
                select,
                note,
                el("div", { class: "w-actions" }, el("button", { type: "submit", class: "j-button is-primary" }, t(card.assignee ? "hand-over" : "assign")), el("button", { type: "button", class: "j-button", onclick: close }, t("cancel"))),
            );
        };
    };

    /** The one who writes becomes a contact person of the chat's client, and the chat is his. */
    chats.newContact = async function (card, name, act) {
        try {
            const { contact_id } = await journal.request(`/api/clients/${card.account_id}/contacts`, { json: { name } });
            await act("client", { account_id: card.account_id, contact_id }, t("client.done"));
        } catch (error) {
            journal.toast(error.message, "error");
        }
    };
})();
