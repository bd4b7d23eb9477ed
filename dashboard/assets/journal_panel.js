/* The side panel: one call in short. What the row knows is there at once, the rest when it arrives. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    /** root: the panel's element; events: closed(), changed(callId, fields), attached(). */
    journal.Panel = class {
        constructor(root, events) {
            this.root = root;
            this.events = events;
            this.callId = null;
            this.player = null;
            this.asked = null;
            this.empty();
        }

        empty() {
            this.leaveCall();
            this.callId = null;
            this.root.classList.remove("is-open");
            journal.fill(
                this.root,
                el(
                    "div",
                    { class: "j-panel-empty" },
                    journal.icon("hand-index-thumb"),
                    el("p", {}, t("panel.empty")),
                    el("p", { class: "j-hint" }, t("panel.keys")),
                ),
            );
        }

        /** Play or pause; asked for before the recording is known, it plays when it is. */
        togglePlay() {
            if (this.player) this.player.toggle();
            else this.isPlayWanted = Boolean(this.callId);
        }

        leaveCall() {
            this.isPlayWanted = false;
            if (this.asked) this.asked.abort();
            if (this.player) this.player.close();
            this.player = null;
            this.comment = null;
            this.tags = null;
            this.details = null;
        }

        /** Show the call of `row`, or, with only an id (an address that was opened), what the server says of it. */
        async show(row) {
            if (this.callId === row.call_id && this.details) return;
            this.leaveCall();
            this.callId = row.call_id;
            this.root.classList.add("is-open");
            if (row.direction) this.draw(row, null);
            await this.read();
        }

        async read() {
            const callId = this.callId;
            this.asked = new AbortController();
            try {
                const query = new URLSearchParams(journal.state.get("asof") ? { asof: journal.state.get("asof") } : {});
                const details = await journal.request(`/api/calls/${encodeURIComponent(callId)}?${query}`, {
                    signal: this.asked.signal,
                });
                if (callId !== this.callId) return;
                this.draw(details.row, details);
            } catch (error) {
                if (error.name === "AbortError" || callId !== this.callId) return;
                this.fail(error);
            }
        }

        /** Somebody changed this call or its client: take it over without touching sound or unsaved words. */
        async refresh() {
            if (!this.details || !this.callId) return;
            const callId = this.callId;
            const details = await journal.request(`/api/calls/${encodeURIComponent(callId)}`).catch(() => null);
            if (!details || callId !== this.callId) return;
            const former = this.details;
            this.details = details;
            if (this.comment) this.comment.refresh(details.comment);
            if (this.tags) this.tags.refresh(details.row.tags);
            if (JSON.stringify(former.row) !== JSON.stringify(details.row))
                (this.drawHead(details.row), this.drawFacts(details.row, details));
            if (JSON.stringify(former.recordings) !== JSON.stringify(details.recordings)) this.drawPlayer(details);
        }

        fail(error) {
            journal.fill(
                this.root,
                el(
                    "div",
                    { class: "j-panel-empty", role: "alert" },
                    journal.icon("exclamation-triangle"),
                    el("p", {}, error.message),
                    error.requestId && el("p", { class: "j-hint" }, t("request-id", { id: error.requestId })),
                    el("button", { type: "button", class: "j-button", onclick: () => this.read() }, t("retry")),
                    this.closeButton(),
                ),
            );
        }

        closeButton() {
            return journal.button("x-lg", t("panel.close"), () => this.events.closed(), {
                class: "j-icon-button j-panel-close",
            });
        }

        draw(row, details) {
            this.details = details;
            this.head = el("header", { class: "j-panel-head" });
            this.sound = el("div", { class: "j-player" });
            this.owner = el("div", {});
            this.facts = el("div", {});
            this.notes = el("div", {});
            this.tagged = el("div", {});
            journal.fill(
                this.root,
                el("div", { class: "j-panel-grip", "aria-hidden": "true" }),
                this.head,
                this.sound,
                this.owner,
                this.tagged,
                this.notes,
                this.facts,
            );
            this.drawHead(row);
            this.drawFacts(row, details);
            if (!details) {
                this.sound.append(el("div", { class: "j-skeleton j-player-skeleton" }));
                return;
            }
            this.drawPlayer(details);
            this.comment = journal.commentBox(row.call_id, details.comment, (text) =>
                this.events.changed(row.call_id, { comment: text || null }),
            );
            journal.fill(
                this.notes,
                this.comment.root,
                journal.taskSection({ kind: "call", id: row.call_id }, journal.taskTitle(row)),
            );
            this.tags = journal.tagSection(row.call_id, details.row.tags, (tags) =>
                this.events.changed(row.call_id, { tags }),
            );
            journal.fill(this.tagged, this.tags.root);
        }

        drawHead(row) {
            const { icon, kind, text } = journal.direction(row);
            journal.fill(
                this.head,
                el(
                    "div",
                    { class: "j-grow" },
                    el("h2", { title: journal.clientText(row) }, journal.clientText(row)),
                    el(
                        "div",
                        { class: "j-panel-sub" },
                        el("span", {
                            class: `icon icon-${icon} is-${kind}`,
                            role: "img",
                            "aria-label": text,
                            title: text,
                        }),
                        journal.when(row.started_at),
                        journal.statusBadge(row.status),
                    ),
                ),
                el(
                    "a",
                    {
                        class: "j-icon-button",
                        href: `/calls/${encodeURIComponent(row.call_id)}`,
                        title: t("panel.details"),
                        "aria-label": t("panel.details"),
                    },
                    journal.icon("box-arrow-up-right"),
                ),
                this.closeButton(),
            );
        }

        drawPlayer(details) {
            if (this.player) this.player.close();
            const title = [journal.clientText(details.row), journal.peopleText(details.row)]
                .filter(Boolean)
                .join(" : ");
            this.player = new journal.Player(this.sound, details, title);
            if (this.isPlayWanted) this.player.toggle();
            this.isPlayWanted = false;
        }

        drawFacts(row, details) {
            journal.fill(
                this.owner,
                journal.clientSection(row, (done) => {
                    this.events.attached(done);
                    this.read();
                }),
            );
            journal.fill(this.facts, journal.facts(row, details));
        }
    };

    /** The facts of a call as a list of terms; empty ones are left out. */
    journal.facts = function (row, details) {
        const answered = row.answered_at && (row.outcome === "answered" || row.outcome === "reached");
        const terms = [
            [t("fact.phone"), row.number_text && phone(row, details)],
            [t("fact.people"), journal.peopleText(row)],
            [t("fact.reason"), row.reason && journal.word(`reason.${row.reason}`, row.reason)],
            [t("fact.answered"), answered && journal.clock(row.answered_at, true)],
            [t("fact.ended"), journal.clock(row.ended_at, true)],
            [t("fact.wait"), row.wait_s !== null && row.wait_s !== undefined && journal.duration(row.wait_s)],
            [t("fact.talk"), row.talk_s > 0 && journal.duration(row.talk_s)],
            [t("fact.hold"), row.hold_s > 0 && journal.duration(row.hold_s)],
            [t("fact.duration"), journal.duration(row.duration_s)],
            [t("fact.queue"), row.queue],
            [t("fact.line"), row.line],
            [t("fact.channel"), row.channel],
            [t("fact.did"), details ? details.did_text : row.did],
            [t("fact.region"), row.region_text || row.region],
            [t("fact.class"), row.number_class && journal.word(`number_class.${row.number_class}`, row.number_class)],
            // Of a call of ours it is the name under which we called.
            [t("fact.caller-name"), row.direction === "inbound" && row.caller_name],
            [t("fact.contact-after"), details && details.contact_after_at && journal.when(details.contact_after_at)],
            [t("fact.id"), el("code", { class: "j-id" }, row.call_id)],
        ];
        return el(
            "dl",
            { class: "j-facts" },
            terms.filter(([, value]) => value).map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]),
        );
    };

    function phone(row, details) {
        const refusal = details && details.call_back && details.call_back.reason;
        return el(
            "span",
            { class: "j-phone" },
            el("span", { class: "j-tel" }, row.number_text),
            journal.button("copy", t("copy-number"), () => {
                navigator.clipboard.writeText(row.number_text).then(() => journal.toast(t("copied")));
            }),
            journal.button(
                "telephone-outbound",
                refusal || t("call-back"),
                () => window.callboard.dial({ call_id: row.call_id }),
                { disabled: !details || Boolean(refusal) },
            ),
        );
    }
})();
