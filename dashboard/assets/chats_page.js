/* The page of chats: the list and the open chat side by side, or one of them on a phone. State is in the address. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    const STATES = ["queued", "active", "closed"];
    const BEHIND = ["slice", "from", "to", "asof"]; // the number of a report that led here
    const PATH = /^\/chats\/([^/]+)$/;

    function start(config) {
        journal.leave();
        journal.config = config;
        const root = document.getElementById("chats-page");
        const isHere = () => journal.config === config && root !== null && root.isConnected;
        if (!isHere()) return;
        const state = journal.state;
        let room = null;
        const opened = () => (PATH.exec(window.location.pathname) || [])[1] || null;
        const place = (id) => document.getElementById(id);

        const list = new chats.List(place("chats-list"), {
            root,
            isHere,
            opened,
            open,
            state: () => (STATES.includes(state.get("state")) ? state.get("state") : "queued"),
            whose: () => (state.get("whose") === "mine" ? "mine" : "all"),
            search: () => state.get("q") || "",
            behind: () => (state.get("slice") ? BEHIND.map((name) => [name, state.get(name)]).filter(([, value]) => value) : []),
            set: (values) => state.set(values),
            counted: (counts) => {
                place("chats-count").textContent = counts.unread ? t("unread-count", { n: counts.unread }) : "";
            },
        });

        state.onChange(() => list.changed());
        journal.hints({
            chats: (ids) => {
                list.read();
                if (room && (!ids.length || ids.includes(room.chatId))) room.hint();
            },
            clients: () => list.read(),
            typing: (ids) => room && ids.includes(room.chatId) && room.someoneWrites(),
        });
        journal.listen(document, "visibilitychange", () => !document.hidden && room && room.hint());
        journal.listen(window, "online", () => (list.read(), room && room.hint()));
        journal.keyboard({
            "/": () => list.search.focus(),
            j: () => list.step(1),
            k: () => list.step(-1),
            r: () => room?.composer?.input.focus(),
            n: () => room?.composer?.setMode("note"),
            m: () => room?.composer?.setMode("message"),
            t: () => room?.head?.querySelector("[data-do=take-head]")?.click(),
            i: () => room?.head?.querySelector("[data-do=about]")?.click(),
            Escape: () => (opened() ? close() : false),
        });
        journal.fill(
            place("chats-tools"),
            el("button", { type: "button", class: "button", id: "chats-first", onclick: () => chats.firstForm(open) }, journal.icon("plus-lg"), el("span", {}, t("first"))),
        );
        journal.onLeave(() => room && room.leave());
        show();

        /** messageId: what was found in it, and is shown. */
        function open(chatId, messageId) {
            if (opened() === chatId && room) return messageId ? room.stream?.jump(messageId) : room.composer?.input.focus();
            go(`/chats/${chatId}`, messageId);
        }

        function close() {
            go("/chats");
            root.querySelector(".ch-row")?.focus();
        }

        function go(path, messageId) {
            const query = new URLSearchParams(window.location.search);
            query.delete("message");
            if (messageId) query.set("message", messageId);
            // Not by the router: the list stays as it is while chats are opened one after the other.
            window.history.pushState(window.history.state, "", query.toString() ? `${path}?${query}` : path);
            show();
        }

        function show() {
            const chatId = opened();
            if (room) room.leave();
            room = null;
            root.classList.toggle("is-open", chatId !== null);
            list.mark();
            if (chatId === null) {
                journal.fill(
                    place("chats-room"),
                    el("div", { class: "state" }, journal.icon("chat-dots"), el("h2", {}, t("choose")), el("p", {}, t("choose.hint"))),
                );
                return;
            }
            const box = el("div", { class: "ch-room" });
            journal.fill(place("chats-room"), box);
            room = new chats.Room(box, {
                chatId,
                messageId: state.get("message"),
                isHere,
                back: close,
                seen: (id) => (list.read_by_me(id), window.callboard.showChats && window.callboard.showChats()),
                moved: () => list.read(),
            });
        }
    }

    /** Write to somebody first: from which account, to which number, what. */
    chats.firstForm = async function (open) {
        let places;
        try {
            places = (await journal.request("/api/chats/accounts")).accounts;
        } catch (error) {
            return journal.toast(error.message, "error");
        }
        const box = el("dialog", { class: "ch-dialog", "aria-label": t("first") });
        const close = () => box.close();
        box.addEventListener("close", () => box.remove());
        const trouble = el("p", { class: "j-hint is-error", role: "alert", hidden: true });
        const account = el("select", { class: "j-input", "aria-label": t("first.account") }, places.map((one, place) => el("option", { value: String(place) }, `${one.title} · ${t(`messenger.${one.messenger}`)}`)));
        const number = el("input", { type: "tel", class: "j-input", required: true, maxlength: 60, placeholder: "+7 912 345-67-89", "aria-label": t("fact.number") });
        const words = el("div", {});
        const key = chats.newKey();
        const send = async (said) => {
            trouble.hidden = true;
            if (!number.value.trim()) return number.focus();
            try {
                const json = { account: places[Number(account.value)].account, number: number.value, client_key: key, ...said };
                const { chat_id } = await journal.request("/api/chats", { json });
                close();
                open(chat_id);
            } catch (error) {
                trouble.textContent = error.message;
                trouble.hidden = false;
            }
        };
        const build = () => {
            const one = places[Number(account.value)];
            if (one.by_template) {
                journal.fill(words, el("p", { class: "j-hint" }, t("first.by-template")), chats.templateForm(one.templates, { name: "", close, send: (template) => send({ template }) }));
                return;
            }
            const text = el("textarea", { class: "field", rows: 3, required: true, maxlength: 4096, "aria-label": t("write") });
            journal.fill(
                words,
                el(
                    "form",
                    { class: "ch-form", onsubmit: (event) => (event.preventDefault(), send({ text: text.value })) },
                    text,
                    el("div", { class: "w-actions" }, el("button", { type: "submit", class: "j-button is-primary" }, t("send")), el("button", { type: "button", class: "j-button", onclick: close }, t("cancel"))),
                ),
            );
        };
        account.addEventListener("change", build);
        journal.fill(
            box,
            el("h2", {}, t("first")),
            places.length
                ? [el("label", { class: "w-field" }, el("span", { class: "j-hint" }, t("first.account")), account), el("label", { class: "w-field" }, el("span", { class: "j-hint" }, t("fact.number")), number), words, trouble]
                : [el("p", { class: "j-hint" }, t("first.none")), el("button", { type: "button", class: "j-button", onclick: close }, t("close-box"))],
        );
        if (places.length) build();
        document.body.append(box);
        box.showModal();
    };

    Object.assign((window.dash_clientside.chats = window.dash_clientside.chats || {}), {
        start(config) {
            start(config);
            return window.dash_clientside.no_update;
        },
    });
})();
