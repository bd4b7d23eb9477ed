/* The period picker: named periods, or two clicks on a calendar of ours; days are YYYY-MM-DD. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    /**
     * A button that opens the picker. read(): {period} or {from, to} as strings or null; write(choice) gets
     * the same form.
     */
    journal.periodPicker = function (presets, read, write) {
        const label = el("span", { class: "j-period-label" });
        const button = el(
            "button",
            { type: "button", class: "j-control j-period-button", "aria-haspopup": "dialog", "aria-expanded": "false" },
            journal.icon("calendar3"),
            label,
            journal.icon("chevron-down"),
        );
        const popover = journal.popover(button, (close) =>
            content(presets, read(), (choice) => {
                write(choice);
                close();
            }),
        );
        popover.refresh = () => {
            const chosen = read();
            label.textContent = journal.periodText(chosen);
            button.classList.toggle("is-on", Boolean(chosen.period || chosen.from || chosen.to));
        };
        popover.refresh();
        return popover;
    };

    journal.periodText = function ({ period, from, to }) {
        if (period && !from && !to) return journal.word(`period.${period}`, period);
        if (!from && !to) return t("period.all");
        const day = (value) =>
            journal.dayText(value.slice(0, 10)) + (value.includes("T") ? ` ${value.slice(11, 16)}` : "");
        if (from && from === to) return day(from);
        if (from && to) return `${day(from)} – ${day(to)}`;
        return from ? t("period.since", { day: day(from) }) : t("period.until", { day: day(to) });
    };

    function content(presets, chosen, choose) {
        const list = el(
            "div",
            { class: "j-period-presets" },
            presets.map((name) =>
                el(
                    "button",
                    {
                        type: "button",
                        class: "j-menu-item",
                        "aria-pressed": String((chosen.period || "all") === name && !chosen.from),
                        onclick: () => choose(name === "all" ? {} : { period: name }),
                    },
                    t(`period.${name}`),
                ),
            ),
        );
        return el("div", { class: "j-period" }, list, calendar(chosen, choose));
    }

    function calendar(chosen, choose) {
        const today = journal.today();
        let first = chosen.from ? chosen.from.slice(0, 10) : null;
        let last = chosen.to ? chosen.to.slice(0, 10) : first;
        let half = null; // the first of two clicks
        let month = (last || today).slice(0, 7);
        const root = el("div", { class: "j-calendar" });
        root.addEventListener("keydown", (event) => {
            const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
            const day = event.target.dataset.day;
            if (!steps || !day) return;
            event.preventDefault();
            const next = journal.addDays(day, steps);
            if (next > today) return;
            month = next.slice(0, 7);
            draw(next);
        });
        draw();
        return root;

        function draw(focus) {
            const [year, number] = month.split("-").map(Number);
            const start = `${month}-01`;
            const lead = (new Date(`${start}T00:00:00Z`).getUTCDay() + 6) % 7;
            const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
            const cells = Array.from({ length: lead }, () => el("span", {}));
            for (let date = 0; date < length; date += 1) cells.push(dayButton(journal.addDays(start, date), focus));
            journal.fill(
                root,
                el(
                    "div",
                    { class: "j-calendar-head" },
                    journal.button("chevron-left", t("month.previous"), () => turn(-1)),
                    el("strong", { "aria-live": "polite" }, monthText(start)),
                    journal.button("chevron-right", t("month.next"), () => turn(1)),
                ),
                el(
                    "div",
                    { class: "j-calendar-week", "aria-hidden": "true" },
                    weekdays().map((day) => el("span", {}, day)),
                ),
                el("div", { class: "j-calendar-days" }, cells),
                el("p", { class: "j-hint" }, t(half ? "period.pick-end" : "period.pick-start")),
            );
            if (focus) root.querySelector(`[data-day="${focus}"]`).focus();
        }

        function dayButton(day, focus) {
            const inside = first && last && day >= first && day <= last;
            const classes = [
                "j-day",
                inside && "is-inside",
                (day === first || day === last) && "is-end",
                day === today && "is-today",
            ];
            return el(
                "button",
                {
                    type: "button",
                    class: classes.filter(Boolean).join(" "),
                    "data-day": day,
                    disabled: day > today,
                    tabindex: day === (focus || last || today) || day.endsWith("-01") ? "0" : "-1",
                    "aria-pressed": String(Boolean(inside)),
                    "aria-label": journal.dayText(day),
                    onclick: () => pick(day),
                },
                Number(day.slice(8)),
            );
        }

        function pick(day) {
            if (half === null) {
                [half, first, last] = [day, day, day];
                draw(day);
                return;
            }
            const [from, to] = [half, day].sort();
            choose({ from, to });
        }

        function turn(months) {
            const [year, number] = month.split("-").map(Number);
            month = new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
            draw();
        }
    }

    const locale = () => (journal.config.locale === "en" ? "en-GB" : journal.config.locale);

    // A month that stands alone is nominative in Russian, which a format without a day gives.
    function monthText(day) {
        const text = new Intl.DateTimeFormat(locale(), { timeZone: "UTC", month: "long", year: "numeric" })
            .format(new Date(`${day}T00:00:00Z`))
            .replace(/\s?г\.$/, "");
        return text.charAt(0).toUpperCase() + text.slice(1);
    }

    function weekdays() {
        const format = new Intl.DateTimeFormat(locale(), { timeZone: "UTC", weekday: "short" });
        return Array.from({ length: 7 }, (_, day) => format.format(new Date(Date.UTC(2024, 0, 1 + day))));
    }
})();
