/* Cells of the journal's grid: React parts, so that text is always text. Rows still loading have no data. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const parts = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
    const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

    const make = (...values) => window.React.createElement(...values);
    const icon = (name, label, kind) =>
        make("span", {
            className: `icon icon-${name}${kind ? ` is-${kind}` : ""}`,
            ...(label ? { role: "img", title: label, "aria-label": label } : { "aria-hidden": true }),
        });

    /* A grey bar of another width in each row and column; it fades in after 350 ms. */
    function skeleton(properties) {
        const { node, column } = properties;
        const room = column.getActualWidth() - 24;
        const share = 0.4 + ((((node && node.rowIndex) || 0) * 37 + column.getLeft()) % 50) / 100;
        return make("span", {
            className: "j-skeleton",
            style: { width: `${Math.max(10, Math.round(room * share))}px` },
        });
    }

    function cell(draw) {
        return function (properties) {
            return properties.data ? draw(properties.data, properties) : skeleton(properties);
        };
    }

    parts.JournalMarkers = cell((row) =>
        make(
            "span",
            { className: "j-markers" },
            row.attention &&
                make(
                    "span",
                    {
                        key: "a",
                        className: "j-attention",
                        role: "img",
                        title: journal.t("marker.attention"),
                        "aria-label": journal.t("marker.attention"),
                    },
                    "!",
                ),
            row.lead && make("span", { key: "l" }, icon("person-plus-fill", journal.t("marker.lead"), "lead")),
            row.comment &&
                make("span", { key: "c" }, icon("chat-left-text-fill", journal.t("marker.comment"), "comment")),
        ),
    );

    parts.JournalMark = cell((row, properties) =>
        row.running
            ? null
            : make("input", {
                  type: "checkbox",
                  className: "j-mark",
                  key: String(journal.isMarked(row.call_id)),
                  defaultChecked: journal.isMarked(row.call_id),
                  "aria-label": journal.t("many.mark", {
                      client: journal.clientText(row),
                      when: journal.when(row.started_at),
                  }),
                  onClick: (event) => {
                      // The grid tells of the click later, when this box was drawn anew.
                      event.nativeEvent.isMark = true;
                      journal.mark(row, properties.node.rowIndex, event.shiftKey);
                  },
              }),
    );

    parts.JournalTags = cell((row) =>
        make(
            "span",
            { className: "tags", title: (row.tags || []).map((tag) => tag.title).join(", ") || undefined },
            (row.tags || []).map((tag) =>
                make(
                    "span",
                    { key: tag.tag_id, className: `tag is-${tag.colour}` },
                    make("span", {}, tag.title),
                ),
            ),
        ),
    );

    parts.JournalTime = cell((row) => {
        const { icon: name, kind, text } = journal.direction(row);
        return make(
            "span",
            { className: "j-time" },
            icon(name, text, kind),
            make(
                "time",
                { dateTime: row.started_at, title: journal.fullDate(row.started_at) },
                journal.isNarrow() ? journal.whenShort(row.started_at) : journal.when(row.started_at),
            ),
        );
    });

    parts.JournalClient = cell((row) => {
        const named = Boolean(row.client);
        return make(
            "span",
            { className: "j-client", title: [row.client, row.contact, row.number_text].filter(Boolean).join("\n") },
            make("span", { className: named ? "j-client-name" : "j-client-number" }, journal.clientText(row)),
            named && row.number_text && make("span", { className: "j-client-phone" }, row.number_text),
        );
    });

    parts.JournalPeople = cell((row) =>
        make(
            "span",
            { className: "j-people", title: journal.peopleHint(row) },
            row.group && icon("people"),
            journal.peopleText(row),
        ),
    );

    parts.JournalStatus = cell((row) => {
        if (row.running) return running(row);
        const hint = row.reason ? journal.word(`reason.${row.reason}`, row.reason) : undefined;
        const badge = journal.statusBadge(row.status);
        return make(
            "span",
            { className: badge.className, title: hint },
            make("span", { className: badge.firstChild.className, "aria-hidden": true }),
            badge.lastChild.textContent,
            row.incomplete && make("span", { className: "j-incomplete", title: journal.t("incomplete") }, " ~"),
        );
    });

    function running(row) {
        return make(
            "span",
            { className: `j-status is-running is-${row.state}` },
            make("span", { className: "j-pulse", "aria-hidden": true }),
            journal.word(`state.${row.state}`, row.state),
        );
    }

    parts.JournalTalk = cell((row) => {
        if (!row.running) return make("span", { className: row.talk_s ? "" : "j-none" }, journal.talk(row.talk_s));
        const since = row.answered_at || row.started_at;
        return make(
            "span",
            { className: "j-clock", "data-since": since, key: since },
            journal.duration((window.callboard.serverNow() - Date.parse(since)) / 1000),
        );
    });

    parts.JournalComment = cell((row) => make("span", { title: row.comment || undefined }, row.comment || ""));

    parts.JournalText = function (properties) {
        if (!properties.data) return skeleton(properties);
        const value = properties.valueFormatted || properties.value;
        return make("span", { title: value || undefined }, value === null || value === undefined ? "" : value);
    };

    functions.journalWait = (params) =>
        params.data && params.data.wait_s !== null && params.data.wait_s !== undefined
            ? journal.duration(params.data.wait_s)
            : "";
    functions.journalClass = (params) =>
        params.value ? journal.word(`number_class.${params.value}`, params.value) : "";
    functions.journalCount = (params) => (params.value ? String(params.value) : "");
    functions.journalDid = (params) => params.value || "";

    /* How a row looks: one word, of which the grid makes the class. */
    functions.journalLook = function (params) {
        const row = params.data;
        if (!row) return "loading";
        if (row.running) return "running";
        if (row.missed) return "missed";
        return !row.registered && row.direction !== "internal" ? "unknown" : "";
    };
})();
