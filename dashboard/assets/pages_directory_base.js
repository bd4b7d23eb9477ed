/* What the tabs of the directory share: a table, fields that keep what is typed, checks, and who wrote a row. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const directory = (window.callboardDirectory = { tabs: {} });

    const LONGEST_NAME = 200;
    const EXTENSION = /^(\+\d{10,15}|[0-9*#]{1,20})$/;
    const EMAIL = /^[^@\s,;<>]{1,120}@[^@\s,;<>]{1,120}$/;
    const TIME = /^([01]?\d|2[0-4])[:.]([0-5]\d)$/;

    /** Who wrote a row last: the PBX, a file, a person, or nobody: calls name it. */
    directory.source = function (row) {
        const name = ["pbx", "file", "person", "settings"].includes(row.source) ? row.source : row.calls && !row.title ? "seen" : "unknown";
        const kind = name === "person" ? "reached" : "cancelled";
        return el("span", { class: `pill is-${kind}`, title: t(`directory.source.${name}.why`) }, t(`directory.source.${name}`));
    };

    /** A table whose cells are given as lists; `names` are the keys of its columns. */
    directory.table = function (title, names, rows) {
        const heads = names.map((name) => (name ? t(`directory.column.${name}`) : ""));
        return el(
            "div",
            { class: "card-box w-table-box", tabindex: "0", role: "region", "aria-label": title },
            el(
                "table",
                { class: "w-table d-table" },
                el("thead", {}, el("tr", {}, heads.map((head) => (head ? el("th", { scope: "col" }, head) : el("td", { class: "d-corner" }))))),
                el(
                    "tbody",
                    {},
                    rows.map(({ key, cells, whole, isFaint }) =>
                        el(
                            "tr",
                            { "data-key": key, class: isFaint ? "is-faint" : null },
                            whole
                                ? el("td", { colspan: names.length }, whole)
                                : cells.map((cell, place) =>
                                      place === 0
                                          ? el("th", { scope: "row" }, cell)
                                          : el("td", heads[place] ? { "data-label": heads[place] } : {}, cell),
                                  ),
                        ),
                    ),
                ),
            ),
        );
    };

    directory.field = (properties) => el("input", { type: "text", class: "j-input", autocomplete: "off", maxlength: LONGEST_NAME, ...properties });

    directory.labelled = (words, control, hint) =>
        el("label", { class: "w-field" }, el("span", { class: "j-hint" }, words), control, hint && el("span", { class: "j-hint" }, hint));

    /**
     * A field in a row: Enter or leaving it keeps what was typed, Escape takes it back, and what is refused
     * goes back too, with the reason. keep(value): a promise.
     */
    directory.inPlace = function (value, label, keep, properties) {
        let present = value;
        const control = directory.field({ class: "j-input w-edit", value, "aria-label": label, ...properties });
        control.addEventListener("keydown", (event) => {
            if (event.key === "Enter") control.blur();
            if (event.key === "Escape") {
                control.value = present;
                control.blur();
            }
        });
        control.addEventListener("change", async () => {
            const line = control.closest("tr");
            const wanted = control.value.trim();
            if (wanted === present) return;
            line.classList.add("is-saving");
            try {
                await keep(wanted);
                present = wanted;
            } catch (error) {
                control.value = present;
                journal.toast(directory.words(error), "error");
            } finally {
                line.classList.remove("is-saving");
            }
        });
        return control;
    };

    /** A form that stays open with the reason where something is refused. send(): a promise; raises Refused. */
    directory.form = function (fields, { save, send, close, more }) {
        const trouble = el("p", { class: "j-hint is-error", role: "alert", hidden: true });
        const button = el("button", { type: "submit", class: "j-button is-primary" }, save);
        const root = el(
            "form",
            { class: "w-form", novalidate: true },
            fields,
            trouble,
            el("div", { class: "w-actions" }, button, el("button", { type: "button", class: "j-button", onclick: close }, t("directory.cancel")), more),
        );
        root.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), close()));
        root.addEventListener("submit", async (event) => {
            event.preventDefault();
            trouble.hidden = true;
            button.disabled = true;
            try {
                await send();
            } catch (error) {
                trouble.textContent = directory.words(error);
                trouble.hidden = false;
                if (error.button) button.textContent = error.button;
                if (error.control) error.control.focus();
            } finally {
                button.disabled = false;
            }
        });
        return root;
    };

    /** What a person typed will not do; `control` is where he can mend it. */
    directory.Refused = class extends Error {
        constructor(message, control, button) {
            super(message);
            this.control = control;
            this.button = button;
        }
    };

    directory.words = (error) =>
        error.status === 400 || error.status === 422 ? t("directory.refused", { why: error.message }) : error.message;

    /* ---------------------------------------------------------------- checks, in the user's own words */

    directory.extensions = function (control) {
        const codes = control.value.split(/[\s,;]+/).filter(Boolean);
        const wrong = codes.find((code) => !EXTENSION.test(code));
        if (wrong) throw new directory.Refused(t("directory.wrong.extension", { value: wrong.slice(0, 40) }), control);
        return [...new Set(codes)];
    };

    directory.email = function (control) {
        const value = control.value.trim();
        if (value && !EMAIL.test(value)) throw new directory.Refused(t("directory.wrong.email", { value: value.slice(0, 60) }), control);
        return value;
    };

    directory.required = function (control, words) {
        const value = control.value.trim();
        if (!value) throw new directory.Refused(words, control);
        return value;
    };

    directory.number = function (text) {
        const digits = text.replace(/\D/g, "");
        if (!/^\+?[\d\s().-]+$/.test(text.trim()) || digits.length < 3 || digits.length > 15)
            throw new directory.Refused(t("directory.wrong.number", { value: text.trim().slice(0, 40) }));
        return text.trim();
    };

    /** {opens, closes} of two fields: both, or none for a closed day. */
    directory.stretch = function (opens, closes) {
        const [from, to] = [opens, closes].map((control) => minutes(control));
        if ((from === null) !== (to === null)) throw new directory.Refused(t("directory.wrong.both"), from === null ? opens : closes);
        if (from !== null && to <= from) throw new directory.Refused(t("directory.wrong.order"), closes);
        return { opens: opens.value.trim(), closes: closes.value.trim() };
    };

    function minutes(control) {
        const value = control.value.trim();
        if (!value) return null;
        const found = TIME.exec(value);
        const all = found ? Number(found[1]) * 60 + Number(found[2]) : NaN;
        if (!found || all > 1440 || all % 5) throw new directory.Refused(t("directory.wrong.time", { value: value.slice(0, 20) }), control);
        return all;
    }
})();
