/* What is shown is written in the address: filters, order, selected call. Every change goes through here. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const CALL = "selected"; // the selected row; not a filter
    const APART = new Set([CALL, "sort", "asof"]);

    // Names that are no filters: the journal's own, and those of another page with the same bar.
    const isApart = (name) => APART.has(name) || Boolean(journal.config.apart?.(name));

    const changed = new Set();

    journal.state = {
        /** All values of the address; a copy. */
        values: () => new URLSearchParams(window.location.search),

        /** The filters (without order and selection) as the API takes them. */
        filters() {
            const values = this.values();
            values.delete(CALL);
            values.delete("sort");
            return values;
        },

        all: (name) => journal.state.values().getAll(name),
        get: (name) => journal.state.values().get(name),
        has: (name, value) => journal.state.values().getAll(name).includes(value),

        /** Are there filters, the search included? */
        isFiltered() {
            return [...this.values().keys()].some((name) => !isApart(name));
        },

        /** Replace values: {name: value, list of values, or null}; tells everybody unless `silent`. */
        set(replacements, silent) {
            const values = this.values();
            for (const [name, value] of Object.entries(replacements)) {
                values.delete(name);
                for (const one of Array.isArray(value) ? value : [value]) {
                    if (one !== null && one !== undefined && one !== "") values.append(name, one);
                }
            }
            this.write(values);
            if (!silent) this.tell();
        },

        toggle(name, value) {
            const present = this.all(name);
            this.set({
                [name]: present.includes(value) ? present.filter((one) => one !== value) : [...present, value],
            });
        },

        /** Only these values, such as those of a saved view; the selection goes. */
        replace(query) {
            this.write(new URLSearchParams(query));
            this.tell();
        },

        clear() {
            const kept = new URLSearchParams();
            for (const [name, value] of this.values())
                if (name === "sort" || journal.config.apart?.(name)) kept.append(name, value);
            this.write(kept);
            this.tell();
        },

        write(values) {
            const query = values.toString();
            const address = window.location.pathname + (query ? `?${query}` : "");
            // The state object belongs to the page's router: keep it.
            window.history.replaceState(window.history.state, "", address);
        },

        /** `action` runs whenever the filters changed, until the page is left. */
        onChange(action) {
            changed.add(action);
            journal.onLeave(() => changed.delete(action));
        },

        tell() {
            for (const action of [...changed]) action();
        },

        select: (callId) => journal.state.set({ [CALL]: callId }, true),
        selected: () => journal.state.get(CALL),

        link: () => window.location.href,
    };
})();
