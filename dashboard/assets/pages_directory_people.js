/* The directory's employees and their phones: who has which extension, in which team. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const { tabs, source, field, labelled, form, Refused, extensions, email, required, words } = window.callboardDirectory;

    tabs.employees = {
        add: "directory.employee.new",
        count: (entries) => entries.employees.filter((one) => one.active).length,
        rows(entries, desk) {
            const [active, former] = [true, false].map((is) => entries.employees.filter((one) => one.active === is));
            return [...active, ...former].map((one) => ({
                key: one.employee_id,
                text: [one.name, one.department, one.email, ...(one.extensions || [])].join(" "),
                isFaint: !one.active,
                whole: desk.opened === one.employee_id && employeeForm(entries, desk, one),
                cells: [
                    one.name,
                    el("span", { class: "number" }, (one.extensions || []).join(" ") || "–"),
                    one.department || "–",
                    one.email || "–",
                    one.active ? t("directory.active") : t("directory.former"),
                    source(one),
                    journal.button("pencil", t("directory.change", { name: one.name }), () => desk.open(one.employee_id)),
                ],
            }));
        },
        columns: ["name", "extensions", "team", "email", "state", "source", ""],
        form: (entries, desk) => employeeForm(entries, desk, null),
    };

    function employeeForm(entries, desk, employee) {
        const known = employee || { name: "", extensions: [], department: "", email: "", active: true };
        const name = field({ value: known.name, required: true });
        const phones = field({ value: (known.extensions || []).join(" "), inputmode: "tel" });
        const team = field({ value: known.department || "", list: "directory-teams" });
        const address = field({ value: known.email || "", type: "email" });
        const active = el("input", { type: "checkbox", class: "w-check", checked: known.active });
        const teams = [...new Set(entries.employees.map((one) => one.department).filter(Boolean))].sort();
        let agreed = "";
        return form(
            [
                el("div", { class: "w-pair" }, labelled(t("directory.column.name"), name), labelled(t("directory.column.team"), team)),
                el(
                    "div",
                    { class: "w-pair" },
                    labelled(t("directory.column.extensions"), phones, t("directory.extensions.hint")),
                    labelled(t("directory.column.email"), address),
                ),
                employee && el("label", { class: "j-row" }, active, t("directory.works")),
                el("datalist", { id: "directory-teams" }, teams.map((value) => el("option", { value }))),
            ],
            {
                save: t("directory.save"),
                close: () => desk.open(null),
                async send() {
                    const sent = {
                        name: required(name, t("directory.wrong.name")),
                        extensions: extensions(phones),
                        department: team.value.trim(),
                        email: email(address),
                        active: active.checked,
                    };
                    const taken = takenFrom(entries, sent.extensions, employee);
                    if (taken && agreed !== taken) {
                        agreed = taken;
                        throw new Refused(taken, null, t("directory.hand-over"));
                    }
                    await desk.keep(
                        employee ? "PUT" : "POST",
                        employee ? `employees/${encodeURIComponent(employee.employee_id)}` : "employees",
                        sent,
                    );
                    desk.open(null);
                },
            },
        );
    }

    /** In words, whose extensions these are now; nothing where they are free. */
    function takenFrom(entries, codes, employee) {
        const lost = entries.phones
            .filter((one) => codes.includes(one.extension) && one.employee_id && one.employee_id !== employee?.employee_id)
            .map((one) => `${one.extension} (${nameOf(entries, one.employee_id)})`);
        return lost.length ? t("directory.taken", { phones: lost.join(", ") }) : "";
    }

    const nameOf = (entries, id) => entries.employees.find((one) => one.employee_id === id)?.name || "–";

    tabs.phones = {
        count: (entries) => entries.phones.length,
        rows: (entries, desk) =>
            entries.phones.map((one) => ({
                key: one.extension,
                text: `${one.extension} ${one.device || ""} ${nameOf(entries, one.employee_id)}`,
                cells: [
                    el("span", { class: "number" }, one.extension),
                    owner(entries, desk, one),
                    one.device || "–",
                    one.pbx || "–",
                    source(one),
                ],
            })),
        columns: ["extension", "owner", "device", "pbx", "source"],
    };

    /** Whose phone it is: choosing another gives it to him from now on. */
    function owner(entries, desk, phone) {
        const people = entries.employees.filter((one) => one.active || one.employee_id === phone.employee_id);
        const control = el(
            "select",
            { class: "j-input w-edit", "aria-label": t("directory.owner-of", { phone: phone.extension }) },
            [["", t("directory.nobody")], ...people.map((one) => [one.employee_id, one.name])].map(([value, words]) =>
                el("option", { value, selected: value === (phone.employee_id || "") }, words),
            ),
        );
        control.addEventListener("change", async () => {
            const chosen = entries.employees.find((one) => one.employee_id === control.value);
            const former = entries.employees.find((one) => one.employee_id === phone.employee_id);
            const person = chosen || former;
            const others = (person.extensions || []).filter((code) => code !== phone.extension);
            try {
                await desk.keep("PUT", `employees/${encodeURIComponent(person.employee_id)}`, {
                    name: person.name,
                    department: person.department || "",
                    email: person.email || "",
                    active: person.active,
                    extensions: chosen ? [...others, phone.extension] : others,
                });
            } catch (error) {
                control.value = phone.employee_id || "";
                journal.toast(words(error), "error");
            }
        });
        return control;
    }
})();
