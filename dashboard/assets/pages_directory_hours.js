/* The directory's times: hours of the week, and days with hours of their own. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const { tabs, source, field, labelled, form, stretch, Refused, words } = window.callboardDirectory;

    const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    const split = (hours) => (hours ? { opens: hours.slice(0, 5), closes: hours.slice(6) } : { opens: null, closes: null });
    const closing = (text) => (text === "00:00" ? "24:00" : text || "");

    tabs.hours = {
        note: "directory.hours.note",
        count: () => 0,
        columns: ["weekday", "opens", "closes", "source", ""],
        rows: (entries, desk) =>
            WEEK.map((name, place) => {
                const own = entries.hours.find((one) => one.weekday === place + 1);
                const row = own || { ...split(entries.settings.hours[name]), source: "settings" };
                const title = t(`directory.weekday.${name}`);
                const set = times(row, title, (sent) => desk.keep("PUT", `hours/${place + 1}`, sent));
                const back =
                    own &&
                    journal.button("arrow-counterclockwise", t("directory.hours.back", { day: title }), () =>
                        desk.tried(desk.keep("DELETE", `hours/${place + 1}`)),
                    );
                return { key: name, text: title, cells: [title, set.opens, set.closes, source(row), el("span", { class: "d-acts" }, set.save, back)] };
            }),
    };

    /** Two times in a row and a button that keeps them: it comes with the first change. */
    function times(row, title, keep) {
        const opens = field({ class: "j-input w-edit d-time", value: row.opens || "", maxlength: 5, placeholder: t("directory.closed"), "aria-label": t("directory.opens-on", { day: title }) });
        const closes = field({ class: "j-input w-edit d-time", value: closing(row.closes), maxlength: 5, placeholder: t("directory.closed"), "aria-label": t("directory.closes-on", { day: title }) });
        const save = el("button", { type: "button", class: "j-button", hidden: true, onclick: send }, t("directory.save"));
        for (const control of [opens, closes]) {
            control.addEventListener("input", () => (save.hidden = false));
            control.addEventListener("keydown", (event) => {
                if (event.key === "Enter") send();
                if (event.key !== "Escape") return;
                opens.value = row.opens || "";
                closes.value = closing(row.closes);
                save.hidden = true;
            });
        }
        return { opens, closes, save };

        async function send() {
            for (const control of [opens, closes]) control.removeAttribute("aria-invalid");
            try {
                await keep(stretch(opens, closes));
            } catch (error) {
                error.control?.setAttribute("aria-invalid", "true");
                error.control?.focus();
                journal.toast(words(error), "error");
            }
        }
    }

    tabs.holidays = {
        add: "directory.holiday.new",
        note: "directory.holiday.note",
        count: (entries) => days(entries).filter((one) => one.on_date >= journal.today()).length,
        columns: ["day", "occasion", "opens", "closes", "source", ""],
        rows: (entries, desk) =>
            days(entries).map((one) => {
                const title = journal.dayText(one.on_date);
                const set = times(one, title, (sent) => desk.keep("PUT", `holidays/${one.on_date}`, { title: one.title || "", ...sent }));
                const remove =
                    one.source !== "settings" &&
                    journal.button("trash", t("directory.holiday.remove", { day: title }), () =>
                        desk.tried(desk.keep("DELETE", `holidays/${one.on_date}`)),
                    );
                return {
                    key: one.on_date,
                    text: `${title} ${one.title || ""}`,
                    isFaint: one.on_date < journal.today(),
                    cells: [title, one.title || "–", set.opens, set.closes, source(one), el("span", { class: "d-acts" }, set.save, remove)],
                };
            }),
        form: (entries, desk) => holidayForm(desk),
    };

    /** Days of the directory and of the settings: what comes first, what is over last. */
    function days(entries) {
        const own = entries.holidays.map((one) => ({ ...one, on_date: String(one.on_date) }));
        const known = new Set(own.map((one) => one.on_date));
        const given = [
            ...entries.settings.holidays.map((day) => ({ on_date: String(day), source: "settings" })),
            ...Object.entries(entries.settings.short_days).map(([day, hours]) => ({ on_date: day, ...split(hours), source: "settings" })),
        ].filter((one) => !known.has(one.on_date));
        const all = [...own, ...given].sort((one, other) => one.on_date.localeCompare(other.on_date));
        const today = journal.today();
        return [...all.filter((one) => one.on_date >= today), ...all.filter((one) => one.on_date < today).reverse()];
    }

    function holidayForm(desk) {
        const day = field({ type: "date", min: "1990-01-01", max: "2100-12-31", value: journal.addDays(journal.today(), 1) });
        const title = field({ placeholder: t("directory.occasion.example") });
        const opens = field({ class: "j-input d-time", maxlength: 5, placeholder: t("directory.closed") });
        const closes = field({ class: "j-input d-time", maxlength: 5, placeholder: t("directory.closed") });
        return form(
            [
                el("div", { class: "w-pair" }, labelled(t("directory.column.day"), day), labelled(t("directory.column.occasion"), title)),
                el(
                    "div",
                    { class: "w-pair" },
                    labelled(t("directory.column.opens"), opens, t("directory.closed.hint")),
                    labelled(t("directory.column.closes"), closes),
                ),
            ],
            {
                save: t("directory.save"),
                close: () => desk.open(null),
                async send() {
                    if (!/^\d{4}-\d{2}-\d{2}$/.test(day.value)) throw new Refused(t("directory.wrong.day"), day);
                    await desk.keep("PUT", `holidays/${day.value}`, { title: title.value.trim(), ...stretch(opens, closes) });
                    desk.open(null);
                },
            },
        );
    }
})();
