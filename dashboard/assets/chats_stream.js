/* What was said in one chat: a bounded window over as many messages as there are, loaded from both ends, live. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    const PAGE = 60;
    const MOST = 240; // entries kept, and drawn
    const NEAR_PX = 1600; // so far from an end the next page is asked for
    const BOTTOM_PX = 60;

    /** The window in `root`. page: {chatId, isHere(), actions, seen(at), changed()}. */
    chats.Stream = class {
        constructor(root, page) {
            this.page = page;
            this.entries = [];
            this.calls = new Map();
            this.pending = [];
            this.before = this.after = false;
            this.drawn = new Map();
            this.fresh = 0;
            this.box = el("div", { class: "ch-scroll", tabindex: 0, role: "region", "aria-label": t("messages") });
            this.log = el("div", { class: "ch-log", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-busy": "true" });
            this.chip = el("button", { type: "button", class: "ch-chip chip", hidden: true, onclick: () => this.toEnd() });
            this.box.append(this.log);
            journal.fill(root, this.box, this.chip);
            this.box.addEventListener("scroll", () => this.scrolled(), { passive: true });
            this.refresh = journal.coalesce(() => this.reload(), 250);
            this.queue = Promise.resolve();
        }

        /** Show the end of the chat, or a message or the beginning of a day with its surroundings. */
        async open(messageId, day) {
            const place = messageId ? { around: messageId } : day ? { at: day } : {};
            const answer = await this.ask(`?${new URLSearchParams({ ...place, limit: String(PAGE) })}`);
            if (!answer) return;
            this.take(answer);
            this.draw();
            if (messageId) this.point(messageId);
            else if (!day || !this.pointDay(day)) this.toBottom();
            this.log.removeAttribute("aria-busy");
            this.read();
        }

        ask(query) {
            return journal.request(`/api/chats/${this.page.chatId}/timeline${query}`).then((answer) => (this.page.isHere() ? answer : null));
        }

        take(answer) {
            this.entries = answer.entries;
            this.before = answer.before;
            this.after = answer.after;
            this.calls = new Map(answer.calls.map((call) => [call.call_id, call]));
            this.settle();
        }

        /** What the server has of ours is not pending any more. */
        settle() {
            const known = new Set(this.entries.map((entry) => entry.client_key).filter(Boolean));
            for (const one of this.pending)
                if (known.has(one.client_key) && one.preview) URL.revokeObjectURL(one.preview);
            this.pending = this.pending.filter((one) => !known.has(one.client_key));
        }

        /** The same stretch as it stands now, with what came at its end: nothing is lost or doubled. */
        async reload() {
            if (!this.page.isHere()) return;
            if (!this.entries.length) return this.open();
            const wasAtEnd = this.isAtEnd();
            const known = new Set(this.entries.map((entry) => entry.id));
            const first = this.entries[0];
            const limit = this.after ? this.entries.length : Math.min(this.entries.length + PAGE, 400);
            let answer;
            try {
                answer = await this.ask(`?${new URLSearchParams({ since: first.cursor, limit: String(limit) })}`);
            } catch (error) {
                return this.page.failed(error);
            }
            if (!answer || this.entries[0] !== first) return; // scrolled on meanwhile: the next hint brings the rest
            const before = this.before;
            this.take(answer);
            this.before = before;
            const came = this.entries.filter((entry) => !known.has(entry.id) && entry.entry === "message" && !entry.ours);
            this.keepPlace(() => {
                if (wasAtEnd) this.trim("start");
                this.draw();
            });
            if (wasAtEnd && !this.after) this.toBottom();
            else if (came.length) this.told(came.length);
            this.read();
        }

        scrolled() {
            if (this.isAtEnd()) {
                this.fresh = 0;
                this.chip.hidden = true;
                this.read();
            } else if (this.after || this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight > 1500) {
                this.showChip();
            }
            if (this.before && this.box.scrollTop < NEAR_PX) this.more("before");
            if (this.after && this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_PX) this.more("after");
        }

        async more(way) {
            if (this.loading || !this.entries.length) return;
            this.loading = true;
            const edge = way === "before" ? this.entries[0] : this.entries[this.entries.length - 1];
            try {
                const answer = await this.ask(`?${new URLSearchParams({ [way]: edge.cursor, limit: String(PAGE) })}`);
                if (!answer) return;
                const still = way === "before" ? this.entries[0] : this.entries[this.entries.length - 1];
                if (still.id !== edge.id) return;
                this.keepPlace(() => {
                    this.entries = way === "before" ? [...answer.entries, ...this.entries] : [...this.entries, ...answer.entries];
                    this[way] = answer[way];
                    for (const call of answer.calls) this.calls.set(call.call_id, call);
                    this.trim(way === "before" ? "end" : "start");
                    this.settle();
                    this.draw();
                });
            } catch (error) {
                this.page.failed(error);
            } finally {
                this.loading = false;
            }
            requestAnimationFrame(() => this.page.isHere() && this.scrolled());
        }

        /** No more entries than a screen needs: those at the far end are asked for again. */
        trim(side) {
            if (this.entries.length <= MOST) return;
            if (side === "end") {
                this.entries = this.entries.slice(0, MOST);
                this.after = true;
            } else {
                this.entries = this.entries.slice(-MOST);
                this.before = true;
            }
        }

        /** Redraw without moving what the reader looks at. */
        keepPlace(act) {
            const top = this.box.getBoundingClientRect().top;
            // Not the line of a day: it moves up when older messages of that day come.
            const stays = (node) => !node.classList.contains("ch-day") && node.getBoundingClientRect().bottom > top;
            const anchor = [...this.log.children].find(stays);
            const key = anchor && anchor.dataset.key;
            const offset = anchor && anchor.getBoundingClientRect().top;
            act();
            const same = key && this.drawn.get(key)?.node;
            if (same && same.isConnected) this.box.scrollTop += same.getBoundingClientRect().top - offset;
        }

        isAtEnd() {
            return !this.after && this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < BOTTOM_PX;
        }

        toBottom() {
            this.box.scrollTop = this.box.scrollHeight;
        }

        async toEnd() {
            this.fresh = 0;
            this.chip.hidden = true;
            if (this.after) await this.open().catch((error) => this.page.failed(error));
            this.toBottom();
        }

        told(count) {
            this.fresh += count;
            this.showChip();
        }

        showChip() {
            this.chip.hidden = false;
            journal.fill(this.chip, journal.icon("arrow-down-short"), this.fresh ? t("fresh", { n: this.fresh }) : t("to-end"));
        }

        /** The reader has seen the end of the chat. */
        read() {
            if (document.hidden || !this.isAtEnd() || !this.entries.length) return;
            const last = this.entries.filter((entry) => entry.entry === "message").pop();
            if (last) this.page.seen(last.happened_at);
        }

        /** Show a message that is loaded, or go where it is. */
        async jump(messageId) {
            if (!this.entries.some((entry) => entry.id === messageId)) {
                try {
                    await this.open(messageId);
                } catch (error) {
                    this.page.failed(error);
                }
                return;
            }
            this.point(messageId);
        }

        point(messageId) {
            const node = this.drawn.get(messageId)?.node;
            if (!node) return;
            node.scrollIntoView({ block: "center" });
            node.classList.add("is-pointed");
            setTimeout(() => node.classList.remove("is-pointed"), 1600);
        }

        /** The line of that day at the top, or of the next day on which something was said; whether there is one. */
        pointDay(day) {
            const line = [...this.log.querySelectorAll(".ch-day")].find((node) => node.dataset.key >= `day-${day}`);
            if (line) this.box.scrollTop += line.getBoundingClientRect().top - this.box.getBoundingClientRect().top;
            return Boolean(line);
        }

        // ------------------------------------------------------------ what is being sent
        add(pending) {
            this.pending.push(pending);
            if (this.after) this.toEnd();
            this.draw();
            this.toBottom();
        }

        drop(clientKey) {
            this.pending = this.pending.filter((one) => one.client_key !== clientKey);
            this.draw();
        }

        // ------------------------------------------------------------ drawing
        /** Everything in its order; nodes of what did not change stay, so a player goes on and a picture does not blink. */
        draw() {
            const wanted = [];
            let day = null;
            for (const one of this.inOrder()) {
                const its = journal.dayOf(one.happened_at || one.started_at);
                if (its !== day) {
                    day = its;
                    wanted.push([`day-${its}`, its, () => chats.dayLine(its)]);
                }
                if (one.call_id) wanted.push([one.call_id, one.ended_at || "", () => chats.callNode(one)]);
                else wanted.push([one.id, signature(one), () => chats.entryNode(one, this.page.actions)]);
            }
            const kept = new Map();
            let at = this.log.firstChild;
            for (const [key, sign, make] of wanted) {
                const known = this.drawn.get(key);
                const node = known && known.sign === sign ? known.node : make();
                node.dataset.key = key;
                kept.set(key, { node, sign });
                if (at === node) at = at.nextSibling;
                else this.log.insertBefore(node, at);
            }
            while (at) {
                const next = at.nextSibling;
                at.remove();
                at = next;
            }
            this.drawn = kept;
            this.box.classList.toggle("is-empty", !wanted.length);
        }

        inOrder() {
            const shown = [...this.entries];
            const last = shown.length ? shown[shown.length - 1].happened_at : null;
            for (const call of this.calls.values()) {
                const isOlder = shown.length && this.before && call.started_at < shown[0].happened_at;
                const isNewer = last && this.after && call.started_at > last;
                if (!isOlder && !isNewer) shown.push(call);
            }
            const at = (one) => Date.parse(one.happened_at || one.started_at);
            const places = new Map(this.entries.map((entry, place) => [entry.id, place]));
            shown.sort((a, b) => at(a) - at(b) || (places.get(a.id) ?? -1) - (places.get(b.id) ?? -1));
            return this.after ? shown : [...shown, ...this.pending];
        }
    };

    function signature(entry) {
        return JSON.stringify([
            entry.text, entry.state, entry.error, entry.error_text, entry.media_state, entry.edited_at, entry.deleted_at,
            entry.read_at, entry.delivered_at, entry.reaction, entry.kind, entry.change_kind, entry.change_text, entry.change_error,
        ]);
    }
})();
