/* The card of a call that rings my phone, or that I make: on every page, with the other side, its history and a comment.
   It comes by a hint for my phone alone, stays while we talk, and afterwards takes comment, tag and task. */
(function () {
    "use strict";

    const callboard = window.callboard;
    const journal = window.callboardJournal;
    const { el, icon } = journal;
    const KEPT = "callboard-cards"; // drafts and ended cards, so that a new page has them
    const KEPT_MS = 60 * 60 * 1000;
    const GONE_MS = 4000; // a call that others took leaves after this
    const DOUBT_MS = 1500; // by then a call that is over stands in the journal
    const MOST_ENDED = 3; // of calls that are over; older ones leave by themselves
    const RING_MS = 3000;
    const cards = new Map(); // call -> Card
    const channel = "BroadcastChannel" in window ? new BroadcastChannel("callboard-cards") : null;
    let chosen = {};
    let seats = null;
    let mine = []; // my phones
    let started = false;

    const t = (key, values) => callboard.t("live.js.card." + key, values);
    const box = () => document.getElementById("shell-cards");

    // ---------------------------------------------------------------- what is kept in this browser

    function kept() {
        try {
            const all = JSON.parse(localStorage.getItem(KEPT) || "{}");
            return Object.fromEntries(Object.entries(all).filter(([, one]) => Date.now() - one.at < KEPT_MS));
        } catch {
            return {};
        }
    }

    function keep(id, part) {
        const all = kept();
        all[id] = { ...all[id], ...part, at: Date.now() };
        try {
            localStorage.setItem(KEPT, JSON.stringify(all));
        } catch {
            // Not kept then: the card itself still has it.
        }
    }

    // ---------------------------------------------------------------- reading

    const load = journal.coalesce(async () => {
        const asked = Date.now();
        const response = await callboard.fetch("/api/live/mine", { headers: { Accept: "application/json" } }).catch(() => null);
        if (!response || !response.ok || !box()) return;
        const told = await response.json();
        callboard.serverTold(told.at, asked);
        chosen = { ...told.chosen };
        seats = told.seats;
        mine = told.extensions;
        callboard.dialRefused(told.call_back.reason);
        const present = new Set();
        for (const row of told.calls) {
            present.add(row.call_id);
            const card = cards.get(row.call_id);
            if (card) card.update(row);
            else if (!(kept()[row.call_id] || {}).closed) cards.set(row.call_id, new Card(row));
        }
        for (const card of cards.values()) if (!present.has(card.id)) card.end();
        if (!started) restore(present);
        ring();
        drawMenu();
    }, 50);

    function restore(present) {
        started = true;
        for (const [id, one] of Object.entries(kept())) {
            if (one.row && one.talked && !one.closed && !present.has(id) && !cards.has(id)) {
                const card = new Card({ ...one.row, part: "talking" }, true);
                cards.set(id, card);
                card.end();
            }
        }
    }

    async function fetchWords() {
        if (journal.config.words["client.attach"] !== undefined) {
            return;
        }
        const told = await journal.request("/api/live/words");
        // A page with words of its own may have begun meanwhile.
        if (journal.config.words["client.attach"] === undefined) Object.assign(journal.config, told);
    }

    // ---------------------------------------------------------------- one card

    class Card {
        constructor(row, silent) {
            this.id = row.call_id;
            this.talked = false;
            this.ended = false;
            this.state = el("span", { class: "card-state", role: "status" });
            this.clock = el("span", { class: "number card-clock" });
            this.head = el("div", { class: "card-who" });
            this.facts = el("div", { class: "card-facts" });
            this.more = el("div", { class: "card-more" });
            this.client = el("div", { class: "card-client" });
            this.after = el("div", { class: "card-after" });
            this.note = el("textarea", { class: "j-input card-note", rows: 2, maxlength: 10000, placeholder: t("note"), "aria-label": t("note") });
            this.note.value = (kept()[this.id] || {}).comment || "";
            this.saved = el("span", { class: "j-hint card-saved", role: "status" });
            this.note.addEventListener("input", () => {
                keep(this.id, { comment: this.note.value });
                if (channel) channel.postMessage({ comment: this.id, text: this.note.value });
                this.saved.textContent = this.ended ? "" : t("note-later");
            });
            this.note.addEventListener("keydown", (event) => {
                event.stopPropagation(); // the page's letters are not ours
                if (event.key === "Enter" && event.ctrlKey && this.ended) this.save();
            });
            const close = journal.button("x", callboard.t("shell.js.close"), () => this.close());
            const fold = journal.button("chevron-down", t("fold"), () => this.root.classList.toggle("is-folded"));
            this.root = el(
                "article",
                { class: "call-card", "data-call": this.id, "aria-label": t("label") },
                el("header", {}, this.state, this.clock, fold, close),
                this.head,
                el("div", { class: "card-body" }, this.facts, this.client, this.more, this.note, this.saved, this.after),
            );
            if (chosen.dnd === "on") this.root.classList.add("is-folded");
            box().append(this.root);
            this.update(row);
            if (silent) return; // its call is over: the server tells only of those that go on
            makeRoom();
            this.root.scrollIntoView({ block: "nearest" });
            notify(this);
            this.fill();
        }

        /** Somebody types here, or typed what is not saved yet. */
        get isInUse() {
            const saved = this.comment ? this.comment.text : "";
            return this.root.contains(document.activeElement) || this.note.value.trim() !== saved;
        }

        update(row) {
            this.row = row;
            if (row.part === "talking") this.talked = true;
            if (this.ended) {
                this.ended = false;
                this.after.replaceChildren();
            }
            keep(this.id, { row, talked: this.talked });
            const state = row.part === "talking" && row.state === "held" ? "held" : row.part;
            const shown = JSON.stringify([row.client, row.contact, row.number_text, row.caller_name, row.queue, row.line, row.people, state]);
            if (this.shown !== shown) {
                this.shown = shown;
                this.say(state);
                this.draw();
            }
            this.clock.dataset.since = row.part === "talking" && row.answered_at ? row.answered_at : row.started_at;
            tick();
        }

        say(state) {
            this.root.dataset.state = state;
            this.state.textContent = t(`state.${state}`);
        }

        draw() {
            const row = this.row;
            const inside = row.direction === "internal" ? row.people.map((one) => one.name || one.extension).join(", ") : null;
            const name = inside || row.client || row.caller_name || row.number_text || t("hidden");
            const address = row.account_id && `/clients/${row.account_id}`;
            journal.fill(
                this.head,
                address ? el("a", { href: address, class: "card-name", onclick: (event) => (event.preventDefault(), journal.go(address)) }, name) : el("span", { class: "card-name" }, name),
                row.contact && el("span", { class: "j-hint" }, row.contact),
                row.number_text && name !== row.number_text && el("span", { class: "number j-hint" }, row.number_text),
            );
            this.facting();
        }

        facting() {
            const row = this.row;
            const about = this.about || {};
            const fact = (name, text) => text && el("span", { class: "j-hint", title: t(`fact.${name}`) }, icon({ queue: "people", line: "telephone", channel: "megaphone", responsible: "person" }[name]), text);
            journal.fill(this.facts, fact("queue", row.queue), fact("channel", about.channel), fact("line", row.line), fact("responsible", about.responsible));
        }

        /** What takes longer: history, tasks, chat, and whose the number is. */
        async fill() {
            try {
                await fetchWords();
                this.about = await journal.request(`/api/live/cards/${encodeURIComponent(this.id)}`);
            } catch {
                return; // the call may be over: the rest of the card stands without it
            }
            this.facting();
            const { history, tasks, chat } = this.about;
            const link = (path, ...children) => el("a", { href: path, class: "w-link", onclick: (event) => (event.preventDefault(), journal.go(path)) }, ...children);
            const status = (row) => journal.word(`status.${row.status}`, row.status || "");
            journal.fill(
                this.more,
                history.length > 0 && el("ul", { class: "card-list" }, history.map((one) => el("li", {}, link(`/calls/${encodeURIComponent(one.call_id)}`, icon(one.direction === "inbound" ? "arrow-down-left" : "arrow-up-right"), journal.when(one.started_at)), el("span", { class: "j-hint" }, [status(one), journal.peopleText(one), one.comment].filter(Boolean).join(" · "))))),
                history.length === 0 && this.row.direction !== "internal" && el("p", { class: "j-hint" }, t(this.about.sees_all ? "first" : "first-mine")),
                tasks.map((task) => el("p", { class: "card-task" }, icon("check2"), task.title)),
                chat && el("p", { class: "card-chat" }, link(`/chats/${chat.chat_id}`, icon("chat-dots"), chat.text || t("chat"))),
            );
            this.owner();
        }

        owner() {
            const row = this.row;
            if (row.direction === "internal" || row.account_id || !row.number) return this.client.replaceChildren();
            const section = journal.clientSection(row, (done) => {
                this.row = { ...this.row, account_id: done.account_id, client: done.name };
                this.shown = "";
                this.draw();
                this.client.replaceChildren();
                this.fill();
            });
            journal.fill(this.client, section);
        }

        end() {
            if (this.ended) return;
            this.ended = true;
            delete this.clock.dataset.since;
            if (!this.talked) {
                const isMine = this.row.part === "calling";
                this.say(isMine ? "not-reached" : "elsewhere");
                if (this.note.value.trim()) return this.afterwards();
                setTimeout(() => this.ended && !this.talked && this.close(true), GONE_MS);
                setTimeout(() => this.doubt(), DOUBT_MS);
                return;
            }
            this.over();
        }

        over() {
            this.say("ended");
            this.afterwards();
            leave();
        }

        /** The talk may have come and gone while this browser was away, or quicker than it was told. */
        async doubt() {
            const stored = await journal.request(`/api/calls/${encodeURIComponent(this.id)}`).catch(() => null);
            if (!stored || !this.ended || this.talked) return;
            const { status, people } = stored.row;
            this.talked = ["accepted", "reached"].includes(status) && people.some((one) => mine.includes(one.extension));
            if (!this.talked) return;
            keep(this.id, { talked: true });
            this.over();
        }

        /** Comment, tag, task and calling back, once the call is in the journal. */
        async afterwards() {
            const stored = await this.stored();
            if (!stored || !this.ended) return;
            this.comment = stored.comment;
            if (this.comment && !this.note.value) this.note.value = this.comment.text;
            const may = journal.config.rights || {};
            const path = `/calls/${encodeURIComponent(this.id)}`;
            const tags = may.comment ? await journal.request("/api/tags").catch(() => ({ tags: [] })) : { tags: [] };
            const task = el("input", { type: "text", class: "j-input j-grow", maxlength: 300, placeholder: t("task"), "aria-label": t("task") });
            const tag = el("select", { class: "j-input", "aria-label": t("tag") }, el("option", { value: "" }, t("tag")), (tags.tags || []).map((one) => el("option", { value: one.tag_id }, one.title)));
            tag.addEventListener("change", async () => {
                if (!tag.value) return;
                const title = tag.selectedOptions[0].textContent;
                await this.tried(() => journal.request("/api/calls/tags", { json: { calls: [this.id], add: [tag.value], remove: [] } }), t("tagged", { title }));
                tag.value = "";
            });
            const give = async () => {
                if (!task.value.trim()) return task.focus();
                const done = await this.tried(() => journal.request("/api/tasks", { json: { title: task.value, subject: { kind: "call", id: this.id } } }), t("task-made"));
                if (done) task.value = "";
            };
            task.addEventListener("keydown", (event) => {
                event.stopPropagation();
                if (event.key === "Enter") give();
            });
            journal.fill(
                this.after,
                may.comment && el("div", { class: "card-line" }, el("button", { type: "button", class: "button is-primary", onclick: () => this.save() }, t("save")), tag),
                may.comment && el("div", { class: "card-line" }, task, el("button", { type: "button", class: "button", onclick: give }, icon("plus-lg"), t("task-add"))),
                el(
                    "div",
                    { class: "card-line" },
                    el("button", { type: "button", class: "button", "data-dial-call": this.id, disabled: Boolean(stored.call_back && stored.call_back.reason), title: (stored.call_back && stored.call_back.reason) || "" }, icon("telephone-outbound"), t("call-back")),
                    el("a", { class: "button", href: path, onclick: (event) => (event.preventDefault(), journal.go(path)) }, t("open")),
                ),
            );
            if (this.note.value.trim() && (!this.comment || this.comment.text !== this.note.value.trim())) this.save();
        }

        /** The call as the journal has it, which is a moment after its end. */
        stored() {
            return new Promise((done) => {
                let tries = 0;
                const look = async () => {
                    clearTimeout(timer);
                    if (!this.ended) return finish(null);
                    try {
                        await fetchWords();
                        finish(await journal.request(`/api/calls/${encodeURIComponent(this.id)}`));
                    } catch {
                        if ((tries += 1) > 30) finish(null);
                        else timer = setTimeout(look, 500 + tries * 200);
                    }
                };
                const finish = (found) => done(found);
                let timer = setTimeout(look, 400);
            });
        }

        async save() {
            const text = this.note.value.trim();
            const version = this.comment ? this.comment.version : 0;
            const done = await this.tried(() => journal.request(`/api/calls/${encodeURIComponent(this.id)}/comment`, { method: "PUT", json: { text, version } }), t("saved"));
            if (done) {
                this.comment = done;
                keep(this.id, { comment: "" });
            }
        }

        async tried(act, good) {
            try {
                const done = await act();
                this.saved.textContent = good;
                return done;
            } catch (error) {
                this.saved.textContent = error.message;
                return null;
            }
        }

        /** byItself: it was nobody's wish, so another card of the call may come. */
        close(byItself) {
            this.root.remove();
            cards.delete(this.id);
            if (!byItself) {
                keep(this.id, { closed: true });
                if (channel) channel.postMessage({ closed: this.id });
            }
            ring();
        }
    }

    // ---------------------------------------------------------------- room for a new one

    const over = () => [...cards.values()].filter((card) => card.ended && !card.isInUse);

    /** A call that begins is seen whole: those that are over fold. */
    function makeRoom() {
        over().forEach((card) => card.root.classList.add("is-folded"));
    }

    /** A day of calls leaves no pile: the oldest of those that are over go. */
    function leave() {
        over().slice(0, -MOST_ENDED).forEach((card) => card.close());
    }

    // ---------------------------------------------------------------- clocks, sound, notification

    function tick() {
        for (const card of cards.values()) {
            const since = card.clock.dataset.since;
            const text = since ? journal.duration(Math.max(0, Math.floor((callboard.serverNow() - new Date(since)) / 1000))) : "";
            if (since && card.clock.textContent !== text) card.clock.textContent = text;
        }
    }

    let audio = null;
    /** So many short tones; quiet where the browser wants a click first. */
    callboard.beep = function (count) {
        try {
            audio = audio || new AudioContext();
            for (let place = 0; place < count; place += 1) {
                const at = audio.currentTime + place * 0.28;
                const tone = audio.createOscillator();
                const loud = audio.createGain();
                tone.frequency.value = 660;
                loud.gain.setValueAtTime(0.0001, at);
                loud.gain.exponentialRampToValueAtTime(0.15, at + 0.02);
                loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
                tone.connect(loud).connect(audio.destination);
                tone.start(at);
                tone.stop(at + 0.22);
            }
        } catch {
            // No sound in this browser.
        }
    };

    let ringing = null;
    function ring() {
        const wanted = chosen.sound === "on" && chosen.dnd !== "on" && callboard.isLead() && [...cards.values()].some((card) => !card.ended && card.row.part === "ringing");
        if (wanted && !ringing) {
            callboard.beep(2);
            ringing = setInterval(() => callboard.beep(2), RING_MS);
        } else if (!wanted && ringing) {
            clearInterval(ringing);
            ringing = null;
        }
    }

    function notify(card) {
        const row = card.row;
        // One tab speaks for all of this browser.
        if (row.part !== "ringing" || chosen.dnd === "on" || chosen.notify !== "on" || !callboard.isLead()) return;
        if (!("Notification" in window) || Notification.permission !== "granted") return;
        const note = new Notification(t("state.ringing"), { body: [row.client, row.number_text].filter(Boolean).join(", ") || t("hidden"), tag: card.id });
        note.onclick = () => (window.focus(), note.close());
    }

    // ---------------------------------------------------------------- my own state, in the user menu

    const OPTIONS = ["dnd", "sound", "notify"];

    function drawMenu() {
        const place = document.getElementById("shell-seats");
        if (!place || place.contains(document.activeElement)) return;
        journal.fill(
            place,
            OPTIONS.map((name) =>
                el(
                    "label",
                    { class: "menu-check" },
                    el("input", { type: "checkbox", checked: chosen[name] === "on", onchange: (event) => prefer(name, event.target.checked) }),
                    t(`option.${name}`),
                ),
            ),
            seats && seats.queues.length > 0 && el("div", { class: "menu-heading" }, t("queues")),
            seats && seats.queues.map((one) => el("div", { class: "menu-seat" }, el("span", { class: "j-grow" }, one.title, one.is_paused && el("span", { class: "j-hint" }, ` ${one.pause_reason || t("paused")}`)), callboard.seatButtons([one], t))),
            seats && seats.joinable.map((one) => el("div", { class: "menu-seat" }, el("span", { class: "j-grow" }, one.title), button("login", { change: "login", queue: one.queue }, t))),
        );
    }

    async function prefer(name, isOn) {
        chosen[name] = isOn ? "on" : "off";
        if (isOn && name === "notify" && "Notification" in window && Notification.permission === "default") await Notification.requestPermission();
        if (isOn && name === "sound") callboard.beep(1);
        callboard.prefer(`card.${name}`, chosen[name]).catch(() => callboard.toast(callboard.t("shell.js.not_saved"), "bad"));
        ring();
    }

    const SEAT_ICONS = { pause: "pause-fill", unpause: "play-fill", login: "plus-lg", logout: "box-arrow-right" };

    function button(name, order, words) {
        const label = words(`seat.${name}`);
        return el("button", { type: "button", class: "j-icon-button", title: label, "aria-label": label, "data-seat": name, onclick: (event) => (event.preventDefault(), ask(order, event.currentTarget)) }, icon(SEAT_ICONS[name]));
    }

    /** What can be done about an employee's places in queues: all of them paused or not, each dynamic one left. */
    callboard.seatButtons = function (places) {
        const extension = places[0].extension;
        const isPaused = places.every((one) => one.is_paused);
        const queue = places.length === 1 ? places[0].queue : undefined;
        return [
            isPaused ? button("unpause", { change: "unpause", extension, queue }, t) : button("pause", { change: "pause", extension, queue }, t),
            places.some((one) => one.is_dynamic) && button("logout", { change: "logout", extension, queue }, t),
        ];
    };

    async function ask(order, control) {
        const sent = { ...order };
        if (order.change === "pause") {
            const reason = await askReason();
            if (reason === null) return;
            sent.reason = reason;
        }
        control.disabled = true;
        try {
            const { ids } = await journal.request("/api/live/members", { json: sent });
            for (const id of ids) await outcome(id);
        } catch (error) {
            callboard.toast(error.message || t("refused"), "bad");
        }
        control.disabled = false;
        load();
    }

    /** What he types in a small dialog; null: he thought better of it. */
    function askReason() {
        return new Promise((done) => {
            const input = el("input", { type: "text", class: "j-input", maxlength: 60, "aria-label": t("pause-reason") });
            const form = el(
                "form",
                { method: "dialog", class: "card-reason" },
                el("h2", {}, t("pause-reason")),
                input,
                el(
                    "div",
                    { class: "card-line" },
                    el("button", { type: "submit", class: "button is-primary", value: "yes" }, t("seat.pause")),
                    el("button", { type: "button", class: "button", onclick: () => dialog.close("") }, t("cancel")),
                ),
            );
            const dialog = el("dialog", { class: "j-dialog" }, form);
            dialog.addEventListener("keydown", (event) => event.stopPropagation());
            dialog.addEventListener("close", () => {
                done(dialog.returnValue === "yes" ? input.value : null);
                dialog.remove();
            });
            document.body.append(dialog);
            dialog.showModal();
            input.focus();
        });
    }

    async function outcome(id) {
        for (let tries = 0; tries < 25; tries += 1) {
            const found = await journal.request(`/api/live/members/${id}`);
            if (found.state === "done") return;
            if (found.state === "failed") throw new Error(t("refused") + (found.error ? ` ${found.error.replace(/^refused: ?/, "")}` : ""));
            await new Promise((done) => setTimeout(done, 300));
        }
    }

    // ---------------------------------------------------------------- start

    if (channel) {
        channel.onmessage = (event) => {
            const card = cards.get(event.data.closed || event.data.comment);
            if (card && event.data.closed) card.close(true);
            else if (card && document.activeElement !== card.note) card.note.value = event.data.text;
        };
    }
    document.addEventListener("callboard:mine", () => box() && load());
    setInterval(tick, journal.CLOCK_MS);

    (function begin() {
        if (!document.getElementById("shell-live") || !box()) return void setTimeout(begin, 200);
        load();
    })();
})();
