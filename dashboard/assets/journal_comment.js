/* The comment of a call: typed at once, saved by Ctrl+Enter, its history, and what to do in a conflict. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    /**
     * `comment`: {text, version, author_name, written_at} or null; saved(text) is told after each save.
     * path: of what is commented, if it is no call.
     */
    journal.commentBox = function (callId, comment, saved, path = `/api/calls/${encodeURIComponent(callId)}`) {
        let stored = comment || { text: "", version: 0 };
        let busy = false;
        const mayWrite = journal.config.rights.comment;
        const field = el("textarea", {
            class: "j-comment",
            rows: "3",
            placeholder: t(mayWrite ? "comment.placeholder" : "comment.none"),
            "aria-label": t("comment"),
            "aria-keyshortcuts": "Control+Enter",
            readonly: !mayWrite,
            maxlength: "4000",
        });
        field.value = stored.text;
        const byline = el("span", { class: "j-hint" });
        const save = el(
            "button",
            { type: "button", class: "j-button is-primary", hidden: true, onclick: () => send() },
            t("comment.save"),
            el("kbd", {}, "Ctrl ⏎"),
        );
        const history = el(
            "button",
            { type: "button", class: "j-link", hidden: true, onclick: () => showHistory() },
            t("comment.history"),
        );
        const extra = el("div", {});
        const root = el(
            "section",
            { class: "j-section j-comment-section" },
            el("div", { class: "j-section-head" }, el("h3", {}, t("comment")), history),
            field,
            el("div", { class: "j-comment-foot" }, byline, save),
            extra,
        );
        field.addEventListener("input", show);
        field.addEventListener("keydown", (event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                send();
            } else if (event.key === "Escape") {
                event.stopPropagation();
                field.blur();
            }
        });
        show();
        return { root, field, refresh, isDirty: () => field.value !== stored.text };

        function show() {
            save.hidden = !mayWrite || field.value === stored.text;
            history.hidden = stored.version < 2;
            byline.textContent = stored.version
                ? t("comment.by", { author: stored.author_name, when: journal.when(stored.written_at) })
                : "";
        }

        /** Somebody else wrote: take it over, unless there are unsaved words here. */
        function refresh(newer) {
            if (!newer || newer.version === stored.version) return;
            if (field.value !== stored.text) return conflict(newer);
            stored = newer;
            field.value = newer.text;
            show();
        }

        async function send(version) {
            if (busy || (!version && field.value === stored.text)) return;
            busy = true;
            save.disabled = true;
            const text = field.value.trim();
            saved(text);
            try {
                stored = await journal.request(`${path}/comment`, {
                    method: "PUT",
                    json: { text, version: version || stored.version },
                });
                if (field.value.trim() === text) field.value = stored.text;
                extra.replaceChildren();
                journal.toast(t("comment.saved"));
            } catch (error) {
                saved(stored.text);
                if (error.status === 409) await fetchConflict();
                else journal.toast(`${t("comment.failed")} ${error.message}`, "error");
            } finally {
                busy = false;
                save.disabled = false;
                show();
            }
        }

        async function fetchConflict() {
            const details = await journal.request(path).catch(() => null);
            if (details && details.comment) conflict(details.comment);
        }

        function conflict(newer) {
            const box = el(
                "div",
                { class: "j-conflict", role: "alert" },
                el(
                    "p",
                    {},
                    el("strong", {}, t("comment.conflict", { author: newer.author_name })),
                    ` ${journal.when(newer.written_at)}`,
                ),
                el("blockquote", {}, newer.text),
                el(
                    "div",
                    { class: "j-row" },
                    el(
                        "button",
                        { type: "button", class: "j-button", onclick: () => take(newer) },
                        t("comment.take-theirs"),
                    ),
                    el(
                        "button",
                        { type: "button", class: "j-button", onclick: () => both(newer) },
                        t("comment.keep-both"),
                    ),
                    el(
                        "button",
                        { type: "button", class: "j-button", onclick: () => send(newer.version) },
                        t("comment.keep-mine"),
                    ),
                ),
            );
            journal.fill(extra, box);
        }

        function take(newer) {
            stored = newer;
            field.value = newer.text;
            saved(newer.text);
            extra.replaceChildren();
            show();
        }

        function both(newer) {
            const mine = field.value.trim();
            stored = newer;
            field.value = `${newer.text}\n${mine}`;
            extra.replaceChildren();
            show();
            field.focus();
        }

        async function showHistory() {
            if (extra.firstChild) return extra.replaceChildren();
            try {
                const { versions } = await journal.request(`${path}/comment/history`);
                journal.fill(
                    extra,
                    el(
                        "ol",
                        { class: "j-history" },
                        versions.map((one) =>
                            el(
                                "li",
                                {},
                                el("span", { class: "j-hint" }, `${one.author_name}, ${journal.when(one.written_at)}`),
                                el("div", {}, one.text || t("comment.emptied")),
                            ),
                        ),
                    ),
                );
            } catch (error) {
                journal.toast(error.message, "error");
            }
        }
    };
})();
