/* The feed of a client: one line of time, filtered by kind, read on at its end, with a player in each call. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const clients = window.callboardClients;
    const { el, t } = journal;
    const KINDS = {
        call: "telephone",
        chat: "chat-dots",
        comment: "chat-left-text-fill",
        lead: "person-plus",
        task: "check2",
        change: "pencil",
    };

    /** Fills `root`; renew() reads what is shown anew. */
    clients.feed = function (root, accountId, isHere) {
        const state = journal.state;
        const path = `/api/clients/${accountId}/feed`;
        const bar = el("div", { class: "c-feed-bar no-print", role: "group", "aria-label": t("c.feed.show") });
        const list = el("ol", { class: "c-entries" });
        const foot = el("div", { class: "c-feed-foot" });
        let entries = [];
        let after = null;
        let player = null;
        let generation = 0;

        journal.fill(root, bar, list, foot);
        journal.onLeave(() => player && player.close());
        filters();
        journal.fill(foot, clients.skeleton(6));
        read();
        return { renew: journal.coalesce(renew, 300) };

        function query(extra) {
            const asked = new URLSearchParams(extra);
            for (const kind of state.all("show")) if (kind in KINDS) asked.append("kind", kind);
            return asked;
        }

        function filters() {
            const chosen = state.all("show");
            journal.fill(
                bar,
                el(
                    "button",
                    {
                        type: "button",
                        class: "j-toggle",
                        "aria-pressed": String(!chosen.length),
                        onclick: () => choose({ show: null }),
                    },
                    t("c.feed.all"),
                ),
                Object.keys(KINDS).map((kind) =>
                    el(
                        "button",
                        {
                            type: "button",
                            class: "j-toggle",
                            "aria-pressed": String(chosen.includes(kind)),
                            onclick: () =>
                                choose({
                                    show: chosen.includes(kind)
                                        ? chosen.filter((one) => one !== kind)
                                        : [...chosen, kind],
                                }),
                        },
                        journal.icon(KINDS[kind]),
                        t(`c.feed.${kind}s`),
                    ),
                ),
            );
        }

        function choose(values) {
            state.set(values, true);
            filters();
            list.classList.add("is-old");
            read();
        }

        async function read() {
            const mine = ++generation;
            try {
                const page = await journal.request(`${path}?${query({})}`);
                if (!isHere() || mine !== generation) return;
                show(page.entries, page.after);
            } catch (error) {
                if (isHere() && mine === generation) journal.fill(foot, clients.failed(error, read));
            } finally {
                if (mine === generation) list.classList.remove("is-old");
            }
        }

        /* As many as are shown, so that nothing jumps; the call that is heard stays as it is. */
        async function renew() {
            if (!isHere() || root.querySelector(".is-open")) return;
            const mine = generation;
            const limit = Math.min(Math.max(entries.length, 30), 100);
            const page = await journal.request(`${path}?${query({ limit })}`).catch(() => null);
            if (!page || !isHere() || mine !== generation || root.querySelector(".is-open")) return;
            if (JSON.stringify(page.entries) !== JSON.stringify(entries)) show(page.entries, page.after);
        }

        function show(found, cursor) {
            entries = found;
            after = cursor;
            journal.fill(list, found.map(line));
            showFoot();
        }

        function showFoot() {
            if (!entries.length) {
                const filtered = state.all("show").length > 0;
                return journal.fill(
                    foot,
                    clients.empty(
                        filtered ? "funnel" : "inbox",
                        t(filtered ? "c.feed.none-such" : "c.feed.none"),
                        t(filtered ? "c.feed.none-such.hint" : "c.feed.none.hint"),
                        filtered && clients.button(t("c.feed.all"), () => choose({ show: null })),
                    ),
                );
            }
            const more = clients.button(t("c.feed.older"), () => clients.act(more, older));
            journal.fill(foot, after && more);
        }

        async function older() {
            const mine = generation;
            const page = await journal.request(`${path}?${query({ after })}`);
            if (!isHere() || mine !== generation) return;
            entries = [...entries, ...page.entries];
            after = page.after;
            list.append(...page.entries.map(line));
            showFoot();
        }

        function line(entry) {
            const { icon, kind, body } = { call, chat, comment, lead, task, change }[entry.kind](entry);
            return el(
                "li",
                { class: `c-entry is-${entry.kind}`, "data-id": entry.id },
                el("span", { class: `c-entry-mark is-${kind || entry.kind}` }, journal.icon(icon)),
                el("div", { class: "j-grow" }, body),
                el(
                    "time",
                    { class: "j-hint number", datetime: entry.happened_at, title: journal.fullDate(entry.happened_at) },
                    journal.when(entry.happened_at),
                ),
            );
        }

        function call({ call: row }) {
            const { icon, kind, text } = journal.direction(row);
            const sound = el("div", { class: "j-player" });
            sound.hidden = true;
            const body = [
                el(
                    "div",
                    { class: "c-entry-head" },
                    el("a", { href: `/calls/${encodeURIComponent(row.call_id)}` }, text),
                    journal.statusBadge(row.status),
                    row.talk_s > 0 && el("span", { class: "number j-hint" }, journal.duration(row.talk_s)),
                    row.recording_count > 0 &&
                        journal.button("play-fill", t("c.feed.listen"), (event) => listen(row, sound, event)),
                    row.number_text && window.callboard.dialButton({ call_id: row.call_id }),
                ),
                el(
                    "div",
                    { class: "j-hint" },
                    [row.contact, row.number_text, journal.peopleText(row)].filter(Boolean).join(" · "),
                ),
                row.comment && el("blockquote", { class: "c-quote" }, row.comment),
                sound,
            ];
            return { icon, kind, body };
        }

        async function listen(row, sound, event) {
            const entry = event.currentTarget.closest("li");
            const wasOpen = entry.classList.contains("is-open");
            for (const open of list.querySelectorAll(".is-open")) {
                open.classList.remove("is-open");
                open.querySelector(".j-player").hidden = true;
            }
            if (player) player.close();
            player = null;
            if (wasOpen) return;
            entry.classList.add("is-open");
            sound.hidden = false;
            try {
                const details = await journal.request(`/api/calls/${encodeURIComponent(row.call_id)}`);
                if (!isHere() || !entry.classList.contains("is-open")) return;
                const title = [journal.clientText(row), journal.peopleText(row)].filter(Boolean).join(" : ");
                player = new journal.Player(sound, details, title);
                player.toggle();
            } catch (error) {
                journal.toast(error.message, "error");
            }
        }

        function chat({ detail }) {
            const name = t(`c.messenger.${detail.messenger}`);
            const words = t("c.feed.chat", { messenger: name.startsWith("c.") ? detail.messenger : name });
            const body = [
                el(
                    "div",
                    { class: "c-entry-head" },
                    journal.config.has_chats
                        ? el("a", { href: `/chats/${detail.chat_id}` }, words)
                        : el("span", {}, words),
                    el("span", { class: "pill" }, journal.word(`c.chat.${detail.state}`, detail.state)),
                ),
                detail.last && el("blockquote", { class: "c-quote" }, detail.last),
            ];
            return { icon: KINDS.chat, body };
        }

        function comment({ detail }) {
            const body = [
                el(
                    "div",
                    { class: "c-entry-head" },
                    el("span", {}, t("c.feed.comment", { who: detail.author })),
                    detail.subject_kind === "call" &&
                        el("a", { href: `/calls/${encodeURIComponent(detail.subject_id)}` }, t("c.feed.to-call")),
                ),
                el("blockquote", { class: "c-quote" }, detail.text),
            ];
            return { icon: KINDS.comment, body };
        }

        function lead({ detail }) {
            const parts = [detail.name, detail.number, detail.comment, detail.result].filter(Boolean);
            const body = [
                el(
                    "div",
                    { class: "c-entry-head" },
                    el("span", {}, t("c.feed.lead")),
                    el("span", { class: "pill" }, journal.word(`c.lead.${detail.state}`, detail.state)),
                ),
                parts.length ? el("div", { class: "j-hint" }, parts.join(" · ")) : null,
            ];
            return { icon: KINDS.lead, body };
        }

        function task({ detail }) {
            const body = [
                el(
                    "div",
                    { class: "c-entry-head" },
                    el("span", {}, detail.title),
                    el("span", { class: "pill" }, t(detail.done_at ? "c.task.done" : "c.task.open")),
                ),
                el(
                    "div",
                    { class: "j-hint" },
                    [detail.owner, detail.due_at && t("c.task.due", { when: journal.when(detail.due_at) })]
                        .filter(Boolean)
                        .join(" · "),
                ),
            ];
            return { icon: KINDS.task, body };
        }

        /* "Anna changed the name: Ромашка → Астра": the words of the trail. */
        function change({ detail }) {
            const changes = Object.entries(detail.changes || {});
            const body = [
                el(
                    "div",
                    { class: "c-entry-head" },
                    el(
                        "span",
                        {},
                        journal.word(`c.did.${detail.action}`, detail.action),
                        detail.number ? ` ${detail.number}` : "",
                        detail.name && detail.action !== "client.update" ? `: ${detail.name}` : "",
                    ),
                    el("span", { class: "j-hint" }, clients.who(detail.actor)),
                ),
                changes.length
                    ? el(
                          "dl",
                          { class: "c-changes" },
                          changes.map(([name, [before, now]]) => [
                              el("dt", {}, journal.word(`c.field.${name}`, name)),
                              el("dd", {}, el("s", {}, worth(name, before)), " → ", worth(name, now)),
                          ]),
                      )
                    : null,
            ];
            return { icon: detail.action.startsWith("number.") ? "telephone-forward" : KINDS.change, body };
        }

        function worth(name, value) {
            if (value === null || value === "" || (Array.isArray(value) && !value.length)) return "–";
            if (name === "kind") return t(`c.kind.${value}`);
            if (name === "responsible_id") {
                const known = journal.config.employees.find((one) => one.id === value);
                return known ? known.title : t("c.field.other-employee");
            }
            return Array.isArray(value) ? value.join(", ") : String(value);
        }
    };
})();
