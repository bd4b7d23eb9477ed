/* The list of chats: queue, in work, closed; who waits longest first, with counters, search and unread marks. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    const STATES = ["queued", "active", "closed"];
    const STEP = 100;
    const TICK_MS = 20000; // waiting times grow
    const PAUSE_MS = 700; // many hints make few requests

    /** The pane in `root`. page: {state(), whose(), search(), set(values), opened(), open(id), counted(counts)}. */
    chats.List = class {
        constructor(root, page) {
            this.page = page;
            this.limit = STEP;
            this.rows = [];
            this.tabs = el("div", { class: "segmented ch-tabs", role: "group", "aria-label": t("tabs") });
            this.search = el("input", {
                type: "search",
                class: "j-input ch-search",
                placeholder: t("search"),
                "aria-label": t("search"),
                value: page.search(),
                maxlength: 200,
            });
            this.search.addEventListener(
                "input",
                journal.debounce(() => page.set({ q: this.search.value.trim() || null }), 250),
            );
            this.search.addEventListener("keydown", (event) => {
                if (event.key === "ArrowDown") {
                    event.preventDefault();
                    this.body.querySelector(".ch-row")?.focus();
                }
            });
            this.whose = el("div", { class: "segmented ch-whose", role: "group", "aria-label": t("whose") });
            this.body = el("ul", { class: "ch-rows", "aria-label": t("list"), "aria-busy": "true" });
            this.foot = el("div", { class: "ch-foot" });
            this.chip = el("div", { class: "j-chips ch-behind", hidden: true });
            journal.fill(
                root,
                this.tabs,
                el("div", { class: "ch-filter" }, this.search, this.whose),
                this.chip,
                this.body,
                this.foot,
            );
            this.skeleton();
            this.bar();
            this.read = journal.coalesce(() => this.load(), PAUSE_MS);
            const timer = setInterval(() => this.tick(), TICK_MS);
            journal.onLeave(() => clearInterval(timer));
            this.read();
        }

        changed() {
            this.limit = STEP;
            this.bar();
            this.body.setAttribute("aria-busy", "true");
            this.read();
        }

        bar() {
            const held = document.activeElement && document.activeElement.dataset.choice;
            const counts = this.counts || {};
            journal.fill(
                this.tabs,
                STATES.map((name) =>
                    el(
                        "button",
                        {
                            type: "button",
                            "data-choice": `state.${name}`,
                            "aria-pressed": String(name === this.page.state()),
                            onclick: () => this.page.set({ state: name === "queued" ? null : name }),
                        },
                        t(`state.${name}`),
                        name in counts && el("span", { class: "ch-count number" }, journal.number(counts[name])),
                    ),
                ),
            );
            journal.fill(
                this.whose,
                ["mine", "all"].map((name) =>
                    el(
                        "button",
                        {
                            type: "button",
                            "data-choice": `whose.${name}`,
                            "aria-pressed": String(name === this.page.whose()),
                            onclick: () => this.page.set({ whose: name === "all" ? null : name }),
                        },
                        t(`whose.${name}`),
                    ),
                ),
            );
            this.tell();
            if (held) this.page.root.querySelector(`[data-choice="${held}"]`)?.focus();
        }

        /** Which number of a report the list stands behind, in words; the cross shows all chats again. */
        async tell() {
            const slice = new Map(this.page.behind()).get("slice");
            this.chip.hidden = !slice;
            if (!slice || slice === this.told) return;
            this.told = slice;
            const said = await journal.request(`/api/slice?${new URLSearchParams({ slice })}`).catch(() => null);
            if (!this.page.isHere() || this.told !== slice) return;
            const clear = () => {
                this.told = null;
                this.page.set({ slice: null, from: null, to: null, asof: null });
            };
            journal.fill(
                this.chip,
                el("span", { class: "j-chip" }, said ? said.words : t("behind"), journal.button("x", t("behind.clear"), clear)),
            );
        }

        async load() {
            const query = new URLSearchParams({
                state: this.page.state(),
                whose: this.page.whose(),
                q: this.page.search(),
                limit: String(this.limit),
            });
            for (const [name, value] of this.page.behind()) query.set(name, value);
            try {
                const answer = await journal.request(`/api/chats?${query}`);
                if (!this.page.isHere()) return;
                this.skew = Date.now() - Date.parse(answer.now);
                this.targets = [answer.target_s, answer.late_s];
                this.rows = answer.chats;
                this.more = answer.more;
                this.counts = answer.counts;
                this.page.counted(answer.counts);
                this.bar();
                this.draw();
            } catch (error) {
                if (this.page.isHere()) this.fail(error);
            }
        }

        draw() {
            this.body.removeAttribute("aria-busy");
            const held = document.activeElement?.closest?.(".ch-row")?.dataset.chat;
            if (!this.rows.length) {
                const isSearch = Boolean(this.page.search());
                journal.fill(
                    this.body,
                    el(
                        "li",
                        { class: "state" },
                        journal.icon(isSearch ? "search" : "chat-dots"),
                        el("h2", {}, t(isSearch ? "empty.search" : `empty.${this.page.state()}`)),
                        el("p", {}, t(isSearch ? "empty.search.hint" : `empty.${this.page.state()}.hint`)),
                    ),
                );
            } else {
                journal.fill(this.body, this.rows.map((chat) => this.row(chat)));
            }
            journal.fill(
                this.foot,
                this.more &&
                    el(
                        "button",
                        { type: "button", class: "j-button", onclick: () => ((this.limit += STEP), this.read()) },
                        t("more"),
                    ),
            );
            this.mark();
            if (held) this.body.querySelector(`[data-chat="${held}"]`)?.focus({ preventScroll: true });
        }

        row(chat) {
            const hit = this.page.search() ? chat.found_message_id : null;
            const words = hit ? chat.found_text : chats.lastWords(chat);
            const row = el(
                "a",
                {
                    class: `ch-row${chat.unread ? " is-unread" : ""}`,
                    href: `/chats/${chat.chat_id}${hit ? `?message=${hit}` : ""}`,
                    "data-chat": chat.chat_id,
                    onclick: (event) => {
                        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
                        event.preventDefault();
                        this.page.open(chat.chat_id, hit);
                    },
                },
                chats.messengerIcon(chat.messenger),
                el(
                    "span",
                    { class: "ch-row-main" },
                    el(
                        "span",
                        { class: "ch-row-top" },
                        el("span", { class: "ch-row-name" }, chats.nameOf(chat)),
                        this.waiting(chat),
                    ),
                    el(
                        "span",
                        { class: "ch-row-last" },
                        chat.last_message_ours && [
                            journal.icon("reply"),
                            el("span", { class: "visually-hidden" }, t("ours")),
                        ],
                        el("span", { class: "j-cut j-grow" }, words),
                        chat.unread > 0 &&
                            el(
                                "span",
                                { class: "j-badge number", "aria-label": t("unread", { n: chat.unread }) },
                                chat.unread > 99 ? "99+" : String(chat.unread),
                            ),
                    ),
                    el(
                        "span",
                        { class: "ch-row-foot j-hint" },
                        chat.chat_no && el("span", { class: "number" }, `№ ${chat.chat_no}`),
                        chat.is_mine
                            ? el("span", { class: "ch-mine" }, t("me"))
                            : el("span", {}, chat.assignee || (chat.state === "queued" ? "" : t("nobody"))),
                        chat.is_watched && journal.el("span", { title: t("watched") }, journal.icon("eye")),
                        chat.tags.slice(0, 3).map((tag) => el("span", { class: "tag" }, el("span", {}, tag))),
                    ),
                ),
            );
            const changed = () => this.read();
            row.addEventListener("contextmenu", (event) => {
                event.preventDefault();
                row.focus({ preventScroll: true });
                // By the keyboard there is no place of the pointer.
                const place = event.clientX ? { left: event.clientX, bottom: event.clientY } : row.getBoundingClientRect();
                chats.openMenu(place, chat.chat_id, changed);
            });
            return el("li", {}, row, chats.menuButton(chat.chat_id, changed));
        }

        /** How long the client has waited; else when something was last said. */
        waiting(chat) {
            if (!chat.waiting_since) {
                const at = chat.state === "closed" ? chat.closed_at : chat.last_message_at || chat.created_at;
                return el("span", { class: "ch-when j-hint number" }, at ? journal.when(at) : "");
            }
            return el("span", { class: "ch-wait number", "data-waiting": chat.waiting_since }, "");
        }

        tick() {
            for (const node of this.body.querySelectorAll("[data-waiting]")) {
                const seconds = (Date.now() - (this.skew || 0) - Date.parse(node.dataset.waiting)) / 1000;
                const [target, late] = this.targets;
                node.classList.toggle("is-soon", seconds >= target && seconds < late);
                node.classList.toggle("is-late", seconds >= late);
                const text = chats.shortSpan(seconds);
                node.textContent = text;
                node.setAttribute("aria-label", t("waits", { span: text }));
            }
        }

        /** Which row is open. */
        mark() {
            for (const row of this.body.querySelectorAll(".ch-row")) {
                if (row.dataset.chat === this.page.opened()) row.setAttribute("aria-current", "true");
                else row.removeAttribute("aria-current");
            }
            this.tick();
        }

        /** The user has read this chat: its mark goes at once. */
        read_by_me(chatId) {
            const chat = this.rows.find((one) => one.chat_id === chatId);
            if (!chat || !chat.unread) return;
            chat.unread = 0;
            this.draw();
        }

        /** The neighbour of the open chat, `step` rows further. */
        step(step) {
            const at = this.rows.findIndex((chat) => chat.chat_id === this.page.opened());
            const next = this.rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), this.rows.length - 1)];
            if (next && next.chat_id !== this.page.opened()) this.page.open(next.chat_id);
        }

        skeleton() {
            journal.fill(
                this.body,
                Array.from({ length: 6 }, () => el("li", { class: "ch-skeleton" }, el("span", { class: "skeleton" }))),
            );
        }

        fail(error) {
            this.body.removeAttribute("aria-busy");
            journal.fill(this.body, journal.failed(error, () => this.read(), "li"));
        }
    };
})();
