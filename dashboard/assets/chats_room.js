/* One open chat: its head, the time line, the composer, and the document side beside it. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    const TYPING_LASTS_MS = 7000;
    const SEEN_MS = 600;

    /** In `root`. page: {chatId, messageId, isHere(), back(), seen(id), moved()}. */
    chats.Room = class {
        constructor(root, page) {
            this.root = root;
            this.page = page;
            this.chatId = page.chatId;
            this.left = false;
            journal.fill(root, el("div", { class: "state", role: "status" }, el("span", { class: "skeleton ch-room-skeleton" })));
            this.readCard = journal.coalesce(() => this.loadCard(), 250);
            this.begin();
        }

        isHere() {
            return !this.left && this.page.isHere() && this.root.isConnected;
        }

        leave() {
            this.left = true;
            this.composer?.stop();
            clearTimeout(this.typingTimer);
            chats.stopSound();
        }

        async begin() {
            try {
                this.accept(await journal.request(`/api/chats/${encodeURIComponent(this.chatId)}`));
                if (!this.isHere()) return;
                this.build();
                await this.stream.open(this.page.messageId);
            } catch (error) {
                if (this.isHere()) this.fail(error);
            }
        }

        accept(card) {
            this.card = card;
            this.skew = Date.now() - Date.parse(card.now);
        }

        build() {
            const stream = el("div", { class: "ch-stream" });
            const composer = el("div", { class: "ch-composer" });
            this.head = el("header", { class: "ch-head" });
            this.typing = el("div", { class: "ch-typing j-hint", role: "status" });
            this.aside = el("section", { class: "ch-side", "aria-label": t("about") });
            const body = el("div", { class: "ch-room-body" }, el("div", { class: "ch-talk" }, stream, this.typing, composer), this.aside);
            journal.fill(this.root, this.head, body);
            const isHere = () => this.isHere();
            this.stream = new chats.Stream(stream, {
                chatId: this.chatId,
                isHere,
                seen: (at) => this.seen(at),
                failed: (error) => journal.toast(error.message, "error"),
                actions: {
                    mayReply: this.card.able.replies,
                    reply: (entry) => this.composer.reply(entry),
                    retry: (entry) => this.retry(entry),
                    drop: (entry) => this.giveUp(entry),
                    jump: (messageId) => this.stream.jump(messageId),
                    show: (entry) => chats.gallery(this.stream.entries, entry),
                    mayEdit: (entry) => chats.mayEdit(entry, this.card),
                    mayDelete: (entry) => chats.mayDelete(entry, this.card),
                    edit: (entry, words) => this.composer.edit(entry, words),
                    revise: (entry, text) => chats.revise(this, entry, text),
                    letStand: (entry) => chats.letStand(this, entry),
                },
            });
            this.composer = new chats.Composer(composer, {
                chatId: this.chatId,
                skew: this.skew,
                isHere,
                card: () => this.card,
                send: (message) => this.send(message),
                typing: (note) => this.write({ note }),
                last: () => this.stream.entries.findLast((entry) => chats.mayEdit(entry, this.card)),
                revise: (entry, text) => chats.revise(this, entry, text),
            });
            this.side = new chats.Side(this.aside, {
                card: () => this.card,
                isHere,
                act: (name, body, words) => this.act(name, body, words),
            });
            this.dropping(body);
            this.drawHead();
            this.fold(journal.recall("chats-side", !journal.isNarrow() && window.innerWidth > 1200));
        }

        dropping(body) {
            const carries = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
            body.addEventListener("dragover", (event) => {
                if (!carries(event)) return;
                event.preventDefault();
                body.classList.add("is-dropping");
            });
            body.addEventListener("dragleave", (event) => !body.contains(event.relatedTarget) && body.classList.remove("is-dropping"));
            body.addEventListener("drop", (event) => {
                body.classList.remove("is-dropping");
                if (!carries(event)) return;
                event.preventDefault();
                this.composer.attach([...event.dataTransfer.files]);
            });
        }

        drawHead() {
            const card = this.card;
            const sign = JSON.stringify([card.client, card.title, card.state, card.assignee, card.contact, card.may_take]);
            if (this.headSign === sign) return;
            this.headSign = sign;
            journal.fill(
                this.head,
                journal.button("chevron-left", t("back"), () => this.page.back(), { class: "j-icon-button ch-back" }),
                chats.messengerIcon(card.messenger),
                el(
                    "div",
                    { class: "j-grow ch-head-words" },
                    el("h2", { tabindex: -1 }, chats.nameOf(card)),
                    el("div", { class: "j-hint j-cut" }, [t(`status.${card.state}`), card.assignee, card.contact, card.client && card.title].filter(Boolean).join(" · ")),
                ),
                card.may_take &&
                    card.state === "queued" &&
                    el("button", { type: "button", class: "button is-primary", "data-do": "take-head", onclick: () => this.act("take", { version: this.card.version }) }, t("take")),
                card.state === "active" &&
                    card.may_manage &&
                    el("button", { type: "button", class: "button", "data-do": "close-head", "aria-label": t("close"), onclick: () => this.act("close", { version: this.card.version }) }, journal.icon("check2"), el("span", { class: "ch-send-word" }, t("close"))),
                this.dayChoice(),
                chats.menuButton(this.chatId, () => (this.hint(), this.page.moved())),
                journal.button("layout-sidebar-reverse", t("about"), () => this.fold(this.aside.hidden, true), { "data-do": "about", "aria-expanded": "true" }),
            );
            this.markFold();
        }

        /** Go to a day of a long chat. */
        dayChoice() {
            const button = journal.button("calendar3", t("go-to-day"), null, { "data-do": "day" });
            return journal.popover(button, (close) => {
                const input = el("input", { type: "date", class: "j-input", required: true, min: journal.dayOf(this.card.created_at), max: journal.today() });
                const go = (event) => {
                    event.preventDefault();
                    close();
                    this.stream.open(null, input.value).catch((error) => journal.toast(error.message, "error"));
                };
                return el("form", { class: "ch-day-choice", onsubmit: go }, el("label", { class: "w-field" }, el("span", { class: "j-hint" }, t("go-to-day")), input), el("button", { type: "submit", class: "j-button is-primary" }, t("go")));
            }).root;
        }

        fold(open, byHand) {
            this.aside.hidden = !open;
            this.root.classList.toggle("is-side-open", Boolean(open));
            if (byHand && !journal.isNarrow()) journal.remember("chats-side", open);
            this.markFold();
        }

        markFold() {
            this.head.querySelector("[data-do=about]")?.setAttribute("aria-expanded", String(!this.aside.hidden));
        }

        // ------------------------------------------------------------ live
        hint() {
            this.readCard();
            this.stream?.refresh();
        }

        async loadCard() {
            if (!this.isHere() || !this.side) return;
            try {
                const card = await journal.request(`/api/chats/${this.chatId}`);
                if (this.isHere()) this.show(card);
            } catch (error) {
                if (!this.isHere()) return;
                if (error.status === 404) this.fail(error, t("gone"));
            }
        }

        show(card) {
            this.accept(card);
            this.drawHead();
            this.side.draw();
            this.composer.page.skew = this.skew;
            this.composer.drawState();
        }

        /** Somebody else begins or stops to write. */
        async someoneWrites() {
            clearTimeout(this.typingTimer);
            try {
                const { names } = await journal.request(`/api/chats/${this.chatId}/typing`);
                if (!this.isHere() || !this.typing) return;
                const words = names.length ? t("typing", { names: names.join(", "), n: names.length }) : "";
                if (this.typing.textContent !== words) this.typing.textContent = words;
                if (names.length) this.typingTimer = setTimeout(() => this.someoneWrites(), TYPING_LASTS_MS);
            } catch {
                if (this.typing) this.typing.textContent = "";
            }
        }

        write(body) {
            journal.request(`/api/chats/${this.chatId}/typing`, { json: body }).catch(() => {}); // a courtesy only
        }

        seen(at) {
            if (this.seenAt && at <= this.seenAt) return;
            this.seenAt = at;
            clearTimeout(this.seenTimer);
            this.seenTimer = setTimeout(async () => {
                try {
                    await journal.request(`/api/chats/${this.chatId}/seen`, { json: { until: this.seenAt } });
                    this.page.seen(this.chatId);
                } catch {
                    this.seenAt = null; // told again with the next look
                }
            }, SEEN_MS);
        }

        // ------------------------------------------------------------ what one does
        async act(name, body, words) {
            try {
                const answer = await journal.request(`/api/chats/${this.chatId}/${name}`, { json: body });
                if (words) journal.toast(words);
                if (!this.isHere()) return true;
                if (answer.chat_id) this.show(answer);
                else await this.loadCard();
                this.stream.refresh();
                this.page.moved();
                return true;
            } catch (error) {
                journal.toast(error.status === 409 ? t("conflict-here") : error.message, "error");
                if (this.isHere()) this.hint();
                return false;
            }
        }

        /** Shown at once; what the server refuses says why and can be sent again. */
        send(message) {
            const entry = {
                entry: "message",
                pending: true,
                id: chats.newKey(),
                client_key: chats.newKey(),
                kind: message.kind === "file" ? kindOf(message.file) : message.kind,
                ours: true,
                author_name: journal.config.user_name || t("me"),
                text: message.text,
                happened_at: new Date(Date.now() - this.skew).toISOString(),
                state: "sending",
                media_name: message.file && message.file.name,
                media_type: message.file && message.file.type,
                media_bytes: message.file && message.file.size,
                preview: message.preview,
                quoted: message.quoted && { message_id: message.quoted.id, author_name: message.quoted.author_name, text: message.quoted.text, kind: message.quoted.kind },
                message,
            };
            this.stream.add(entry);
            this.sending = (this.sending || Promise.resolve()).then(() => this.deliver(entry)); // in the order of writing
        }

        async deliver(entry) {
            const { message } = entry;
            const key = entry.client_key;
            const path = `/api/chats/${this.chatId}`;
            try {
                if (message.kind === "note") await journal.request(`${path}/notes`, { json: { text: message.text, mentions: message.mentions, client_key: key } });
                else if (message.kind === "template") await journal.request(`${path}/messages`, { json: { template: message.template, client_key: key } });
                else if (message.kind === "file") {
                    const query = new URLSearchParams({ name: message.file.name || "", caption: message.text || "", client_key: key });
                    await journal.request(`${path}/files?${query}`, { method: "POST", body: message.file, headers: { Accept: "application/json", "Content-Type": "application/octet-stream" } });
                } else await journal.request(`${path}/messages`, { json: { text: message.text, replies_to: message.quoted ? message.quoted.id : null, client_key: key } });
                if (this.isHere()) this.hint();
                this.page.moved();
            } catch (error) {
                entry.state = "refused";
                entry.error_text = error.status === 404 ? t("gone") : error.message;
                if (this.isHere()) this.stream.draw();
                else journal.toast(t("not-sent", { why: entry.error_text }), "error");
            }
        }

        async retry(entry) {
            if (entry.pending) {
                entry.state = "sending";
                this.stream.draw();
                return this.deliver(entry); // under the same key: if it arrived after all, it stays one
            }
            try {
                await journal.request(`/api/chats/${this.chatId}/messages/${entry.id}/retry`, { json: {} });
            } catch (error) {
                journal.toast(error.message, "error");
            }
            this.stream.refresh();
        }

        giveUp(entry) {
            this.stream.drop(entry.client_key);
            if (entry.text && entry.kind !== "template") this.composer.giveBack(entry.text);
        }

        fail(error, words) {
            journal.fill(
                this.root,
                el(
                    "div",
                    { class: "state is-error", role: "alert" },
                    journal.icon(error.status === 404 ? "chat-dots" : "exclamation-triangle"),
                    el("h2", {}, words || (error.status === 404 ? t("no-chat") : error.message)),
                    error.requestId && el("p", { class: "state-id" }, t("request-id", { id: error.requestId })),
                    el("button", { type: "button", class: "button is-primary", onclick: () => (error.status === 404 ? this.page.back() : this.again()) }, t(error.status === 404 ? "back" : "retry")),
                ),
            );
        }

        again() {
            this.headSign = null;
            this.begin();
        }
    };

    function kindOf(file) {
        const type = file.type || "";
        if (type === "image/jpeg" || type === "image/png") return "image";
        if (type.startsWith("audio/")) return "audio";
        return "document";
    }
})();
