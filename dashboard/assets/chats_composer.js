/* Where one writes: answers and notes, files, ready answers with "/", mentions with "@", templates, the 24-hour lock. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    const TYPING_MS = 2500;
    const TICK_MS = 15000;
    const MOST_FILES = 10;

    /** In `root`. page: {chatId, card(), send(message), typing(kind), isHere(), last(), revise(entry, text)}. */
    chats.Composer = class {
        constructor(root, page) {
            this.root = root;
            this.page = page;
            this.files = [];
            this.replyTo = null;
            this.editing = null; // a message that was sent, whose words stand in the field
            this.mentions = new Map(); // employee id -> name
            this.tools = { canned: [], templates: [] };
            this.key = `callboard-draft:${journal.config.user}:${page.chatId}`;
            this.build();
            this.restore();
            this.drawState();
            const timer = setInterval(() => page.isHere() && this.drawState(), TICK_MS);
            // Cards of calls and messages of the page stay above what one writes.
            const clear = () => document.body.style.setProperty("--ch-clear", `${window.innerHeight - root.getBoundingClientRect().top}px`);
            const sized = new ResizeObserver(clear);
            sized.observe(root);
            window.addEventListener("resize", clear);
            this.stop = () => {
                clearInterval(timer);
                sized.disconnect();
                window.removeEventListener("resize", clear);
                document.body.style.removeProperty("--ch-clear");
            };
            journal.onLeave(this.stop);
            journal.request(`/api/chats/${page.chatId}/tools`).then(
                (tools) => {
                    this.tools = tools;
                    this.drawState();
                    if (!this.panel.hidden) this.toggleTemplates(true); // opened before they came
                },
                () => {}, // nothing is offered then
            );
        }

        build() {
            this.input = el("textarea", { class: "ch-input", rows: 1, "aria-label": t("write"), "aria-autocomplete": "list" });
            this.input.addEventListener("input", () => this.typed());
            this.input.addEventListener("keydown", (event) => this.pressed(event));
            this.input.addEventListener("paste", (event) => this.pasted(event));
            this.picker = el("input", { type: "file", multiple: true, hidden: true, "aria-label": t("attach") });
            this.picker.addEventListener("change", () => {
                this.attach([...this.picker.files]);
                this.picker.value = "";
            });
            this.modes = el("div", { class: "segmented ch-modes", role: "group", "aria-label": t("mode") });
            this.state = el("div", { class: "ch-window j-hint", role: "status" });
            this.quote = el("div", { class: "ch-replying", hidden: true });
            this.staged = el("div", { class: "ch-staged", hidden: true });
            this.offers = el("div", { class: "ch-offers card-box", role: "listbox", hidden: true, "aria-label": t("offers") });
            this.panel = el("div", { class: "ch-panel", hidden: true });
            this.clip = journal.button("paperclip", t("attach"), () => this.picker.click());
            this.template = journal.button("chat-square-text", t("templates"), () => this.toggleTemplates(), { "aria-expanded": "false" });
            this.button = el("button", { type: "button", class: "button is-primary ch-send", "aria-label": t("send"), onclick: () => this.submit() }, journal.icon("send"), el("span", { class: "ch-send-word" }, t("send")));
            journal.fill(
                this.root,
                el("div", { class: "ch-composer-top" }, this.modes, this.state),
                this.panel,
                this.quote,
                this.staged,
                el("div", { class: "ch-writing" }, this.offers, this.clip, this.template, this.input, this.button, this.picker),
            );
            this.mode = "message";
        }

        get isNote() {
            return this.mode === "note";
        }

        /** Only a template may be sent: the client wrote too long ago, or never. */
        get isLocked() {
            const card = this.page.card();
            if (!card.able.templates) return false;
            return !card.window_ends_at || Date.parse(card.window_ends_at) <= Date.now() - (this.page.skew || 0);
        }

        drawState() {
            const card = this.page.card();
            const locked = this.isLocked;
            const held = document.activeElement?.dataset?.mode;
            journal.fill(
                this.modes,
                ["message", "note"].map((name) =>
                    el(
                        "button",
                        { type: "button", "data-mode": name, "aria-pressed": String(name === this.mode), onclick: () => this.setMode(name) },
                        name === "note" && journal.icon("lock"),
                        t(`mode.${name}`),
                    ),
                ),
            );
            if (held) this.modes.querySelector(`[data-mode="${held}"]`)?.focus();
            this.root.classList.toggle("is-note", this.isNote);
            this.root.classList.toggle("is-locked", locked && !this.isNote);
            const shut = locked && !this.isNote;
            this.input.disabled = shut;
            this.input.maxLength = this.isNote ? 10000 : card.able.longest_text || 4096;
            this.input.placeholder = shut ? t("locked") : t(this.isNote ? "placeholder.note" : "placeholder.message");
            this.clip.hidden = this.isNote || Boolean(this.editing) || !card.able.files;
            this.clip.disabled = shut;
            this.template.hidden = this.isNote || Boolean(this.editing) || !card.able.templates;
            this.button.disabled = shut;
            this.drawWindow(card, shut);
        }

        drawWindow(card, shut) {
            const words = this.windowWords(card, shut);
            const sign = JSON.stringify([words, shut]);
            if (this.window === sign) return; // said once: a screen reader repeats what changes
            this.window = sign;
            journal.fill(
                this.state,
                words && journal.icon(shut ? "lock" : "clock"),
                words,
                shut &&
                    el("button", { type: "button", class: "j-link", onclick: () => this.toggleTemplates(true) }, t("choose-template")),
            );
            this.state.classList.toggle("is-alarm", shut);
        }

        windowWords(card, shut) {
            if (this.isNote) return t("note-hint");
            if (shut) return t(card.client_wrote_at ? "window.closed" : "window.never");
            if (!card.is_connected) return t("not-connected");
            if (!card.window_ends_at) return "";
            const minutes = Math.max(1, Math.ceil((Date.parse(card.window_ends_at) - Date.now() + (this.page.skew || 0)) / 60000));
            const left = minutes >= 60 ? t("left.hours", { h: Math.floor(minutes / 60), m: minutes % 60 }) : t("left.minutes", { n: minutes });
            return t("window.open", { left });
        }

        setMode(mode) {
            if (this.editing) this.edit(null);
            this.mode = mode;
            this.drawState();
            this.keep();
            this.input.focus();
        }

        // ------------------------------------------------------------ typing
        typed() {
            this.grow();
            this.keep();
            this.offer();
            const now = Date.now();
            if (this.input.value && (!this.toldAt || now - this.toldAt > TYPING_MS)) {
                this.toldAt = now;
                this.page.typing(this.isNote);
            }
        }

        grow() {
            this.input.style.height = "auto";
            this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 200)}px`;
        }

        pressed(event) {
            if (!this.offers.hidden && this.walk(event)) return;
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
                event.preventDefault();
                this.submit();
            } else if (event.key === "Escape" && (this.replyTo || this.editing)) {
                event.preventDefault();
                event.stopPropagation();
                if (this.editing) this.edit(null);
                else this.reply(null);
            } else if (event.key === "ArrowUp" && !this.input.value && !this.isNote && !this.files.length) {
                const last = this.page.last();
                if (!last) return;
                event.preventDefault();
                this.edit(last);
            }
        }

        walk(event) {
            const offers = [...this.offers.children];
            const at = offers.findIndex((one) => one.getAttribute("aria-selected") === "true");
            if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                const next = (at + (event.key === "ArrowDown" ? 1 : -1) + offers.length) % offers.length;
                offers.forEach((one, place) => one.setAttribute("aria-selected", String(place === next)));
                offers[next].scrollIntoView({ block: "nearest" });
                this.input.setAttribute("aria-activedescendant", offers[next].id);
            } else if (event.key === "Enter" || event.key === "Tab") offers[Math.max(at, 0)].click();
            else if (event.key === "Escape") this.hideOffers();
            else return false;
            event.preventDefault();
            event.stopPropagation();
            return true;
        }

        /** "/…" at the beginning offers ready answers, "@…" before the cursor colleagues. */
        async offer() {
            const text = this.input.value.slice(0, this.input.selectionStart);
            const canned = !this.isNote && !this.editing && /^\/(\S*)$/.exec(text);
            const mention = !this.editing && /(^|\s)@([^\s@]*)$/.exec(text);
            if (canned) {
                const typed = canned[1].toLowerCase();
                const fits = (one) => `${one.shortcut} ${one.title}`.toLowerCase().includes(typed);
                return this.showOffers(
                    this.tools.canned.filter(fits).slice(0, 8),
                    (one) => [el("b", {}, `/${one.shortcut}`), ` ${one.title}`, el("small", { class: "j-hint j-cut" }, one.text)],
                    (one) => this.put(0, this.input.selectionStart, one.text),
                );
            }
            if (mention) {
                const typed = mention[2].toLowerCase();
                const begin = text.length - mention[2].length - 1;
                const people = (await chats.employees()).filter((one) => one.title.toLowerCase().includes(typed)).slice(0, 8);
                return this.showOffers(
                    people,
                    (one) => [journal.icon("person"), ` ${one.title}`],
                    (one) => {
                        this.mentions.set(one.id, one.title);
                        this.put(begin, this.input.selectionStart, `@${one.title} `);
                        if (!this.isNote) {
                            this.setMode("note"); // colleagues are spoken to inside the house only
                            journal.toast(t("mention-is-note"));
                        }
                    },
                );
            }
            this.hideOffers();
        }

        showOffers(found, words, choose) {
            if (!found.length) return this.hideOffers();
            journal.fill(
                this.offers,
                found.map((one, place) =>
                    el(
                        "div",
                        {
                            role: "option",
                            id: `chats-offer-${place}`,
                            class: "ch-offer",
                            "aria-selected": String(place === 0),
                            onmousedown: (event) => event.preventDefault(), // the field keeps the focus
                            onclick: () => (this.hideOffers(), choose(one)),
                        },
                        words(one),
                    ),
                ),
            );
            this.offers.hidden = false;
        }

        hideOffers() {
            this.offers.hidden = true;
            this.input.removeAttribute("aria-activedescendant");
        }

        put(from, to, text) {
            this.input.setRangeText(text, from, to, "end");
            this.input.focus();
            this.grow();
            this.keep();
        }

        // ------------------------------------------------------------ files
        pasted(event) {
            const files = [...(event.clipboardData?.files || [])];
            if (!files.length) return;
            event.preventDefault();
            this.attach(files);
        }

        attach(files) {
            const card = this.page.card();
            const refused = this.editing ? "edit-no-files" : this.isNote ? "note-no-files" : this.isLocked ? "locked" : card.able.files ? null : "no-files";
            if (refused) return journal.toast(t(refused), "error");
            for (const file of files) {
                if (this.files.length >= MOST_FILES) return journal.toast(t("too-many-files", { n: MOST_FILES }), "error");
                if (!file.size) journal.toast(t("file-empty", { name: file.name }), "error");
                else if (file.size > card.able.largest_bytes)
                    journal.toast(t("file-large", { name: file.name, most: chats.bytes(card.able.largest_bytes) }), "error");
                else this.files.push({ file, preview: file.type.startsWith("image/") ? URL.createObjectURL(file) : null });
            }
            this.drawFiles();
            this.input.focus();
        }

        drawFiles() {
            this.staged.hidden = !this.files.length;
            journal.fill(
                this.staged,
                this.files.map((one) =>
                    el(
                        "div",
                        { class: "ch-stage" },
                        one.preview ? el("img", { src: one.preview, alt: "", onerror: (event) => event.target.replaceWith(journal.icon("file-earmark")) }) : journal.icon("file-earmark"),
                        el("span", { class: "j-cut" }, one.file.name || t("kind.document")),
                        el("span", { class: "j-hint number" }, chats.bytes(one.file.size)),
                        journal.button("x", t("remove-file", { name: one.file.name }), () => {
                            if (one.preview) URL.revokeObjectURL(one.preview);
                            this.files = this.files.filter((other) => other !== one);
                            this.drawFiles();
                        }),
                    ),
                ),
            );
        }

        // ------------------------------------------------------------ templates
        toggleTemplates(open) {
            const show = open === true || this.panel.hidden;
            this.panel.hidden = !show;
            this.template.setAttribute("aria-expanded", String(show));
            if (!show) return this.input.focus();
            journal.fill(
                this.panel,
                chats.templateForm(this.tools.templates, {
                    name: chats.nameOf(this.page.card()),
                    close: () => this.toggleTemplates(false),
                    send: (template, text) => {
                        this.panel.hidden = true;
                        this.page.send({ kind: "template", template, text });
                    },
                }),
            );
            this.panel.querySelector("select, button")?.focus();
        }

        // ------------------------------------------------------------ sending
        reply(entry) {
            if (this.editing) this.edit(null);
            this.replyTo = entry;
            this.quote.hidden = !entry;
            if (!entry) return this.input.focus();
            if (this.isNote) this.setMode("message");
            journal.fill(
                this.quote,
                journal.icon("reply"),
                el("span", { class: "j-grow j-cut" }, entry.text || t(`kind.${entry.kind}`)),
                journal.button("x", t("no-reply"), () => this.reply(null)),
            );
            this.input.focus();
        }

        /** Put the words of a message that was sent into the field, or (null) what stood there before. words: instead of its own. */
        edit(entry, words) {
            if (entry && this.isNote) this.setMode("message");
            if (entry && !this.editing) this.held = this.input.value;
            if (!entry && !this.editing) return;
            this.editing = entry;
            this.replyTo = null;
            this.quote.hidden = !entry;
            this.input.value = entry ? words || entry.text : this.held;
            if (entry)
                journal.fill(
                    this.quote,
                    journal.icon("pencil"),
                    el("span", { class: "j-grow j-cut" }, el("b", {}, t("editing")), ` ${entry.text}`),
                    journal.button("x", t("edit.cancel"), () => this.edit(null)),
                );
            const name = t(entry ? "edit.save" : "send");
            this.button.setAttribute("aria-label", name);
            journal.fill(this.button, journal.icon(entry ? "check2" : "send"), el("span", { class: "ch-send-word" }, name));
            this.drawState();
            this.grow();
            this.input.focus();
            this.input.setSelectionRange(this.input.value.length, this.input.value.length);
        }

        submit() {
            const text = this.input.value.trim();
            if (this.editing) {
                const entry = this.editing;
                if (!text) return;
                this.edit(null);
                if (text !== entry.text || entry.change_kind) this.page.revise(entry, text);
                return;
            }
            if ((!text && !this.files.length) || (this.isLocked && !this.isNote)) return;
            if (this.isNote) {
                const mentions = [...this.mentions].filter(([, name]) => text.includes(`@${name}`)).map(([id]) => id);
                this.page.send({ kind: "note", text, mentions });
            } else if (this.files.length) {
                this.files.forEach((one, place) => this.page.send({ kind: "file", ...one, text: place === 0 ? text : "" }));
            } else {
                this.page.send({ kind: "text", text, quoted: this.replyTo });
            }
            this.files = [];
            this.drawFiles();
            this.mentions.clear();
            this.replyTo = null;
            this.quote.hidden = true;
            this.input.value = "";
            this.toldAt = 0;
            this.grow();
            this.keep();
            this.input.focus();
        }

        /** What could not be sent goes back into the field, before what was typed since. */
        giveBack(text) {
            if (this.editing) this.edit(null);
            this.input.value = [text, this.input.value].filter(Boolean).join("\n");
            this.grow();
            this.keep();
        }

        // ------------------------------------------------------------ drafts
        keep() {
            if (this.editing) return; // what is changed is no draft
            try {
                if (this.input.value) localStorage.setItem(this.key, JSON.stringify({ text: this.input.value, mode: this.mode, mentions: [...this.mentions] }));
                else localStorage.removeItem(this.key);
            } catch {
                // The draft lives as long as the page then.
            }
        }

        restore() {
            try {
                const kept = JSON.parse(localStorage.getItem(this.key) || "null");
                if (!kept) return;
                this.input.value = String(kept.text || "");
                this.mode = kept.mode === "note" ? "note" : "message";
                this.mentions = new Map(kept.mentions || []);
                requestAnimationFrame(() => this.grow());
            } catch {
                // Not ours, or broken: nothing is restored.
            }
        }
    };

    /** Choose a template, fill its fields, see what the client will read. */
    chats.templateForm = function (templates, { name, send, close }) {
        if (!templates.length)
            return el("div", { class: "ch-template-form" }, el("p", { class: "j-hint" }, t("no-templates")), el("button", { type: "button", class: "j-button", onclick: close }, t("cancel")));
        const select = el(
            "select",
            { class: "j-input", "aria-label": t("template") },
            templates.map((one, place) => el("option", { value: String(place) }, `${one.name} (${one.language})`)),
        );
        const fields = el("div", { class: "ch-fields" });
        const preview = el("div", { class: "ch-preview", "aria-live": "polite" });
        const submit = el("button", { type: "submit", class: "j-button is-primary" }, t("send-template"));
        const chosen = () => templates[Number(select.value)];
        const values = () => [...fields.querySelectorAll("input")].map((input) => input.value.trim());
        const filled = () => chosen().body.replace(/\{\{(\d+)\}\}/g, (whole, place) => values()[Number(place) - 1] || whole);
        const show = () => {
            preview.textContent = filled();
            submit.disabled = values().some((value) => !value);
        };
        const build = () => {
            journal.fill(
                fields,
                Array.from({ length: chosen().variables }, (_, place) =>
                    el("label", { class: "w-field" }, el("span", { class: "j-hint" }, t("field", { n: place + 1 })), el("input", { type: "text", class: "j-input", maxlength: 1000, value: place === 0 ? name : "", oninput: show })),
                ),
            );
            show();
        };
        select.addEventListener("change", build);
        build();
        return el(
            "form",
            {
                class: "ch-template-form",
                onsubmit: (event) => {
                    event.preventDefault();
                    send({ name: chosen().name, language: chosen().language, variables: values() }, filled());
                },
            },
            select,
            fields,
            el("div", { class: "j-hint" }, t("preview")),
            preview,
            el("div", { class: "w-actions" }, submit, el("button", { type: "button", class: "j-button", onclick: close }, t("cancel"))),
        );
    };
})();
