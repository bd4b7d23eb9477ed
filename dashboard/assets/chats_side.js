/* The document side of a chat: where it stands, whose it is, who works on it and follows it, what hangs on it. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    const STATES = ["queued", "active", "closed"];

    /** In `root`. page: {card(), act(name, body, words), changed(card), gone(), isHere()}. */
    chats.Side = class {
        constructor(root, page) {
            this.root = root;
            this.page = page;
            this.status = el("div", { class: "segmented ch-status", role: "group", "aria-label": t("status") });
            this.facts = el("dl", { class: "ch-facts" });
            this.client = el("section", { class: "ch-part" });
            this.owner = el("section", { class: "ch-part" });
            this.watchers = el("section", { class: "ch-part" });
            this.tags = el("section", { class: "ch-part" });
            this.more = el("section", { class: "ch-part" });
            journal.fill(root, this.status, this.client, this.owner, this.watchers, this.tags, this.more, this.facts);
            const subject = { kind: "chat", id: page.card().chat_id };
            root.append(journal.taskSection(subject, t("task-title", { name: chats.nameOf(page.card()) })));
            this.draw();
        }

        draw() {
            const card = this.page.card();
            if (this.version === JSON.stringify(card)) return;
            this.version = JSON.stringify({ ...card, now: null });
            this.drawStatus(card);
            if (!this.client.querySelector("input")) this.drawClient(card);
            if (!this.owner.querySelector("form")) this.drawOwner(card);
            if (!this.watchers.querySelector("select")) this.drawWatchers(card);
            if (!this.tags.querySelector("input")) this.drawTags(card);
            this.drawMore(card);
            this.drawFacts(card);
        }

        drawStatus(card) {
            const held = document.activeElement?.dataset?.status;
            journal.fill(
                this.status,
                STATES.map((state) =>
                    el(
                        "button",
                        {
                            type: "button",
                            "data-status": state,
                            "aria-pressed": String(card.state === state),
                            disabled: card.state !== state && !this.way(card, state),
                            onclick: () => card.state !== state && this.way(card, state)(),
                        },
                        t(`status.${state}`),
                    ),
                ),
            );
            if (held) this.status.querySelector(`[data-status="${held}"]`)?.focus();
        }

        /** What brings the chat there; nothing where that is not this user's to do. */
        way(card, state) {
            const version = card.version;
            if (state === "closed") return card.may_manage && (() => this.page.act("close", { version }));
            if (state === "queued")
                return card.state === "active" && card.may_manage && (() => this.page.act("hand-over", { employee_id: null, version }));
            if (card.state === "closed") return card.may_manage && (() => this.page.act("reopen", { version }));
            return card.may_take && (() => this.page.act("take", { version }));
        }

        // ------------------------------------------------------------ whose it is
        drawClient(card) {
            const may = journal.config.rights.edit_clients;
            journal.fill(
                this.client,
                el("h3", {}, t("client")),
                card.account_id
                    ? el(
                          "div",
                          { class: "ch-card" },
                          journal.icon("building"),
                          el(
                              "div",
                              { class: "j-grow" },
                              link(`/clients/${card.account_id}`, card.client),
                              card.contact && el("div", { class: "j-hint" }, card.contact),
                          ),
                          may && journal.button("pencil", t("client.change"), () => this.findClient(card)),
                      )
                    : el(
                          "div",
                          { class: "ch-card" },
                          journal.icon("person-plus"),
                          el("div", { class: "j-grow j-hint" }, t("client.unknown")),
                          may && el("button", { type: "button", class: "j-button", "data-do": "client", onclick: () => this.findClient(card) }, t("client.attach")),
                      ),
            );
        }

        findClient(card) {
            const back = () => (this.drawClientAgain(), this.client.querySelector("button")?.focus());
            const choose = (choice) => async () => {
                this.client.querySelector("input").remove();
                await this.page.act("client", choice, t("client.done"));
                back();
            };
            const field = chats.searchField({
                label: t("client.search"),
                cancel: back,
                find: async (text) => {
                    const name = text || card.title || card.number_text || "";
                    const found = text ? (await journal.request(`/api/accounts?${new URLSearchParams({ q: text, limit: 6 })}`)).accounts : [];
                    return [
                        ...found.flatMap((account) => [
                            { icon: account.kind === "person" ? "person" : "building", title: account.name, hint: account.hint, act: choose({ account_id: account.account_id }) },
                            ...(account.contacts || []).map((person) => ({
                                icon: "person",
                                title: person.name,
                                hint: account.name,
                                act: choose({ account_id: account.account_id, contact_id: person.contact_id }),
                            })),
                        ]),
                        name && { icon: "plus-lg", title: t("client.create", { name }), hint: t("client.create-hint"), act: choose({ name, kind: "person" }) },
                        card.account_id && { icon: "x", title: t("client.detach"), act: choose({ account_id: null }) },
                        card.account_id && { icon: "person-plus", title: t("contact.new", { name: card.title || name }), act: () => chats.newContact(card, card.title || name, (...given) => this.page.act(...given)).then(() => this.drawClientAgain()) },
                    ].filter(Boolean);
                },
            });
            journal.fill(this.client, el("h3", {}, t("client")), field.root);
            field.focus();
        }

        drawClientAgain() {
            journal.fill(this.client);
            this.drawClient(this.page.card());
        }

        // ------------------------------------------------------------ who works on it
        drawOwner(card) {
            journal.fill(
                this.owner,
                el("h3", {}, t("responsible")),
                el(
                    "div",
                    { class: "ch-card" },
                    journal.icon("person"),
                    el("div", { class: `j-grow${card.assignee ? "" : " j-hint"}` }, card.assignee ? (card.is_mine ? t("assignee.me", { name: card.assignee }) : card.assignee) : t("nobody")),
                    card.may_take &&
                        el("button", { type: "button", class: "j-button is-primary", "data-do": "take", onclick: () => this.page.act("take", { version: card.version }) }, t("take")),
                    card.may_manage &&
                        card.state !== "closed" &&
                        el("button", { type: "button", class: "j-button", "data-do": "hand-over", onclick: () => this.handOver(card) }, t(card.assignee ? "hand-over" : "assign")),
                ),
            );
        }

        async handOver(card) {
            const back = () => {
                journal.fill(this.owner);
                this.drawOwner(this.page.card());
                this.owner.querySelector("button")?.focus();
            };
            const form = (await chats.handOverForm(card, (...given) => this.page.act(...given)))(back);
            form.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), back()));
            journal.fill(this.owner, el("h3", {}, t("responsible")), form);
            form.querySelector("select").focus();
        }

        drawWatchers(card) {
            const others = card.watchers;
            journal.fill(
                this.watchers,
                el("h3", {}, t("watchers")),
                el(
                    "div",
                    { class: "ch-chips" },
                    others.map((one) =>
                        el(
                            "span",
                            { class: "tag" },
                            el("span", {}, one.name),
                            card.may_manage && journal.button("x", t("watcher.remove", { name: one.name }), () => this.page.act("leave", { employee_id: one.employee_id }), { class: "ch-tag-x" }),
                        ),
                    ),
                    card.is_watched && el("button", { type: "button", class: "j-button", "data-do": "leave", onclick: () => this.page.act("leave", {}, t("left.done")) }, t("leave")),
                    !card.is_watched && !card.is_mine && el("button", { type: "button", class: "j-button", "data-do": "watch", onclick: () => this.page.act("watch", {}) }, journal.icon("eye"), t("watch")),
                    card.may_manage && journal.button("plus-lg", t("watcher.add"), () => this.addWatcher(card), { "data-do": "add-watcher" }),
                ),
            );
        }

        async addWatcher(card) {
            const known = new Set([card.assignee_id, ...card.watchers.map((one) => one.employee_id)]);
            const people = (await chats.employees()).filter((one) => !known.has(one.id));
            const back = () => {
                journal.fill(this.watchers);
                this.drawWatchers(this.page.card());
            };
            const select = el(
                "select",
                {
                    class: "j-input",
                    "aria-label": t("watcher.add"),
                    onchange: async () => {
                        if (select.value) await this.page.act("watch", { employee_id: select.value });
                        back();
                    },
                    onblur: () => setTimeout(() => select.isConnected && back(), 200),
                },
                el("option", { value: "" }, t("watcher.add")),
                people.map((one) => el("option", { value: one.id }, one.title)),
            );
            journal.fill(this.watchers, el("h3", {}, t("watchers")), select);
            select.focus();
        }

        // ------------------------------------------------------------ what hangs on it
        drawTags(card) {
            const may = journal.config.rights.comment;
            journal.fill(
                this.tags,
                el("h3", {}, t("tags")),
                el(
                    "div",
                    { class: "ch-chips" },
                    card.tags.map((tag) =>
                        el(
                            "span",
                            { class: `tag is-${tag.colour}` },
                            el("span", {}, tag.title),
                            may && journal.button("x", t("tag.remove", { name: tag.title }), () => this.page.act("tags", { remove: [tag.tag_id] }), { class: "ch-tag-x" }),
                        ),
                    ),
                    may && journal.button("plus-lg", t("tag.add"), () => this.addTag(card), { "data-do": "tag" }),
                ),
            );
        }

        addTag(card) {
            const back = () => {
                journal.fill(this.tags);
                this.drawTags(this.page.card());
                this.tags.querySelector("[data-do=tag]")?.focus();
            };
            const choose = (title) => async () => {
                this.tags.querySelector("input").remove();
                await this.page.act("tags", { add: [title] });
                back();
            };
            const carried = new Set(card.tags.map((tag) => tag.title.toLowerCase()));
            const field = chats.searchField({
                label: t("tag.add"),
                cancel: back,
                find: async (text) => {
                    const { tags } = await journal.request("/api/tags");
                    const fits = tags.filter((tag) => !carried.has(tag.title.toLowerCase()) && tag.title.toLowerCase().includes(text.toLowerCase()));
                    const isNew = text && !tags.some((tag) => tag.title.toLowerCase() === text.toLowerCase());
                    return [
                        ...fits.slice(0, 8).map((tag) => ({ icon: "tags", title: tag.title, act: choose(tag.title) })),
                        isNew && { icon: "plus-lg", title: t("tag.new", { name: text }), act: choose(text) },
                    ].filter(Boolean);
                },
            });
            journal.fill(this.tags, el("h3", {}, t("tags")), field.root);
            field.focus();
        }

        drawMore(card) {
            const may = journal.config.rights.comment;
            journal.fill(
                this.more,
                card.lead_id
                    ? el("div", { class: "ch-card" }, journal.icon("person-plus-fill"), link("/leads?source=chat", t("lead.there")))
                    : may && el("button", { type: "button", class: "j-button", "data-do": "lead", onclick: () => this.page.act("lead", {}, t("lead.made")) }, journal.icon("person-plus"), t("lead.make")),
            );
        }

        drawFacts(card) {
            const fact = (name, value) => value && [el("dt", {}, t(`fact.${name}`)), el("dd", { class: "number" }, value)];
            journal.fill(
                this.facts,
                fact("number", card.number ? [card.number_text, window.callboard.dialButton({ number: card.number })] : card.number_text),
                fact("no", card.chat_no && `№ ${card.chat_no}`),
                fact("messenger", `${t(`messenger.${card.messenger}`)}${card.account_title ? ` · ${card.account_title}` : ""}`),
                fact("key", card.user_key),
                fact("created", journal.when(card.created_at)),
                fact("taken", card.taken_at && journal.when(card.taken_at)),
                fact("closed", card.closed_at && journal.when(card.closed_at)),
            );
        }
    };

    function link(path, words) {
        return journal.el(
            "a",
            {
                href: path,
                onclick: (event) => {
                    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                    event.preventDefault();
                    journal.go(path);
                },
            },
            words,
        );
    }
})();
