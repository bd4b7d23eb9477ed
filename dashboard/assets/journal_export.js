/* Leaving with the rows: exports of exactly what is filtered, and saved views. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const state = journal.state;

    /** Stream the filtered rows, or the calls of these ids, into a file; shows how much has come and can be cancelled. */
    journal.exportRows = async function (format, calls) {
        const query = state.filters();
        const order = state.get("sort");
        if (order) query.set("sort", order);
        const stop = new AbortController();
        const text = el("span", {}, t("export.running"));
        const box = el(
            "div",
            { class: "toast-card is-plain" },
            journal.icon("hourglass-split"),
            el("div", { class: "toast-body" }, text),
            el("button", { type: "button", class: "j-link", onclick: () => stop.abort() }, t("cancel")),
        );
        document.getElementById("shell-toasts").append(box);
        try {
            const answer = await window.callboard.fetch(`/api/calls/export.${format}?${query}`, {
                signal: stop.signal,
                ...(calls && {
                    method: "POST",
                    headers: { "Content-Type": "application/json" },
                    body: JSON.stringify({ calls }),
                }),
            });
            if (!answer.ok) {
                const body = await answer.json().catch(() => ({}));
                throw new journal.RequestFailed(answer.status, body.message || t("request-failed"), body.request_id);
            }
            const parts = [];
            let bytes = 0;
            const reader = answer.body.getReader();
            for (;;) {
                const { done, value } = await reader.read();
                if (done) break;
                parts.push(value);
                bytes += value.length;
                text.textContent = t("export.so-far", { size: journal.bytes(bytes) });
            }
            const name = (answer.headers.get("Content-Disposition") || "").match(/filename="([^"]+)"/);
            const url = URL.createObjectURL(new Blob(parts, { type: answer.headers.get("Content-Type") }));
            const link = el("a", { href: url, download: name ? name[1] : `calls.${format}` });
            document.body.append(link);
            link.click();
            link.remove();
            setTimeout(() => URL.revokeObjectURL(url), 60000);
            box.remove();
            journal.toast(t("export.done", { size: journal.bytes(bytes) }));
        } catch (error) {
            box.remove();
            // A stream that breaks off fails with a word of the browser's; what came of the file is thrown away.
            const said = error instanceof journal.RequestFailed ? error.message : t("export.broken");
            if (error.name !== "AbortError") journal.toast(said, "error");
        }
    };

    journal.bytes = function (count) {
        const digits = (value) =>
            new Intl.NumberFormat(journal.config.locale, { maximumFractionDigits: 1 }).format(value);
        return count < 1e6
            ? t("kilobytes", { size: digits(count / 1e3) })
            : t("megabytes", { size: digits(count / 1e6) });
    };

    /** The menu of saved views: open one, save the present filters, share, delete. */
    journal.views = function () {
        const button = el(
            "button",
            {
                type: "button",
                class: "j-icon-button",
                title: t("views"),
                "aria-label": t("views"),
                "aria-haspopup": "dialog",
            },
            journal.icon("bookmark"),
        );
        return journal.popover(button, (close) => {
            const root = el("div", { class: "j-views" }, el("p", { class: "j-hint" }, t("loading")));
            fill(root, close);
            return root;
        });
    };

    async function fill(root, close) {
        let views;
        try {
            ({ views } = await journal.request("/api/views?page=calls"));
        } catch (error) {
            journal.fill(root, el("p", { class: "j-hint is-error" }, error.message));
            return;
        }
        const name = el("input", {
            type: "text",
            class: "j-input",
            placeholder: t("views.name"),
            "aria-label": t("views.name"),
            maxlength: "80",
        });
        const shared = el("input", { type: "checkbox" });
        const save = async () => {
            if (!name.value.trim()) return name.focus();
            const query = state.values();
            query.delete("selected");
            await act(
                () =>
                    journal.request("/api/views", {
                        json: {
                            page: "calls",
                            title: name.value.trim(),
                            query: query.toString(),
                            shared: shared.checked,
                        },
                    }),
                root,
                close,
            );
        };
        name.addEventListener("keydown", (event) => event.key === "Enter" && save());
        journal.fill(
            root,
            ...views.map((view) =>
                el(
                    "div",
                    { class: "j-view" },
                    el(
                        "button",
                        {
                            type: "button",
                            class: "j-menu-item j-grow",
                            onclick: () => (close(), state.replace(view.query)),
                        },
                        journal.icon(view.shared ? "people" : "bookmark"),
                        view.title,
                    ),
                    view.mine &&
                        journal.button("trash", t("views.delete", { title: view.title }), () =>
                            act(
                                () => journal.request(`/api/views/${view.view_id}`, { method: "DELETE", json: {} }),
                                root,
                                close,
                            ),
                        ),
                ),
            ),
            views.length ? el("hr", {}) : el("p", { class: "j-hint" }, t("views.none")),
            el(
                "div",
                { class: "j-row" },
                name,
                el("button", { type: "button", class: "j-button is-primary", onclick: save }, t("views.save")),
            ),
            el("label", { class: "j-check" }, shared, el("span", {}, t("views.share"))),
        );
    }

    async function act(action, root, close) {
        try {
            await action();
            await fill(root, close);
        } catch (error) {
            journal.toast(error.message, "error");
        }
    }
})();
