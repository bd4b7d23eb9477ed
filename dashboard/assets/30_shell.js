// What every page shares: words, requests, toasts, preferences, the sidebar.
(function () {
    "use strict";
    var root = document.documentElement;
    var callboard = (window.callboard = window.callboard || {});
    var words = JSON.parse(document.getElementById("callboard-words").textContent);

    // Words of keys with a part "js", with {names} replaced.
    callboard.t = function (key, values) {
        var text = Object.prototype.hasOwnProperty.call(words, key) ? words[key] : key;
        return text.replace(/\{(\w+)\}/g, function (whole, name) {
            return values && name in values ? String(values[name]) : whole;
        });
    };

    // ---------------------------------------------------------------- requests
    var nativeFetch = window.fetch.bind(window);

    function csrfToken() {
        var found = document.cookie.match(/(?:^|; )_csrf_token=([^;]*)/);
        return found ? decodeURIComponent(found[1]) : "";
    }

    function toLogin() {
        var here = location.pathname + location.search;
        location.assign("/login?next=" + encodeURIComponent(here));
    }

    // What is heavy is fetched when it is needed first: packages of components with the content that names them, other
    // scripts by whoever calls for them. Each is a global of its name.
    var bundles = JSON.parse(document.getElementById("callboard-bundles").textContent);
    var addresses = Object.assign({}, bundles.packages, bundles.scripts);
    var fetched = {};

    callboard.bundle = function (name) {
        fetched[name] = fetched[name] || new Promise(function (resolve, reject) {
            var script = document.createElement("script");
            script.src = addresses[name];
            script.onload = resolve;
            script.onerror = function () {
                delete fetched[name];
                reject(new Error("cannot load " + addresses[name]));
            };
            document.head.append(script);
        });
        return fetched[name];
    };

    function withBundles(response) {
        var missing = Object.keys(bundles.packages).filter(function (name) {
            return !window[name];
        });
        if (!missing.length || !response.ok || new URL(response.url).pathname !== "/_dash-update-component") {
            return response;
        }
        return response.clone().text().then(function (body) {
            var needed = missing.filter(function (name) {
                return new RegExp('"namespace": ?"' + name + '"').test(body);
            });
            return Promise.all(needed.map(callboard.bundle)).then(function () {
                return response;
            });
        });
    }

    // Dash's own requests pass here too: a lost login leads to the login page and back.
    window.fetch = function (resource, options) {
        return nativeFetch(resource, options).then(function (response) {
            if (response.status === 401 && new URL(response.url).origin === location.origin) {
                toLogin();
                return new Promise(function () {}); // the page is being left: nobody shall show an error on it
            }
            if (response.status >= 500 && new URL(response.url).pathname === "/_dash-update-component") {
                // Something between us and the server says so: our own errors come as answers, in words.
                callboard.toast(callboard.t("shell.js.no_answer", { status: response.status }), "bad");
            }
            return withBundles(response);
        });
    };

    // fetch with the token that writes need.
    callboard.fetch = function (resource, options) {
        var settings = Object.assign({ credentials: "same-origin" }, options);
        settings.headers = new Headers(settings.headers || {});
        if (!/^(GET|HEAD)$/i.test(settings.method || "GET")) {
            settings.headers.set("X-CSRFToken", csrfToken());
        }
        return window.fetch(resource, settings);
    };

    // Keep one choice of the user; a promise of the response.
    callboard.prefer = function (name, value) {
        return callboard.fetch("/api/me/preferences/" + encodeURIComponent(name), {
            method: "PUT",
            keepalive: true, // a choice made right before leaving counts too
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ value: value }),
        }).then(function (response) {
            if (!response.ok) {
                throw new Error("preference refused: " + response.status);
            }
            return response;
        });
    };

    // ---------------------------------------------------------------- toasts
    var TOAST_MS = 6000;
    var TOAST_ICONS = { good: "check-circle", bad: "exclamation-circle", plain: "info-circle" };

    function element(tag, className, text) {
        var made = document.createElement(tag);
        made.className = className;
        if (text !== undefined) {
            made.textContent = text;
        }
        return made;
    }

    callboard.toast = function (text, kind, detail) {
        var box = document.getElementById("shell-toasts");
        if (!box) {
            return;
        }
        var toast = element("div", "toast-card is-" + (kind || "plain"));
        toast.append(element("i", "icon icon-" + (TOAST_ICONS[kind] || TOAST_ICONS.plain)));
        var body = element("div", "toast-body");
        body.append(element("div", "", text));
        if (detail) {
            body.append(element("div", "toast-detail", detail));
        }
        var close = element("button", "button is-icon is-quiet");
        close.setAttribute("aria-label", callboard.t("shell.js.close"));
        close.append(element("i", "icon icon-x"));
        close.addEventListener("click", function () {
            toast.remove();
        });
        toast.append(body, close);
        box.append(toast);
        // What failed stays until it is read.
        if (kind !== "bad") {
            setTimeout(function () {
                toast.remove();
            }, TOAST_MS);
        }
        while (box.children.length > 4) {
            box.firstElementChild.remove();
        }
    };

    // ---------------------------------------------------------------- actions of the frame
    var actions = {
        fold: function () {
            var folded = root.classList.toggle("side-folded");
            try {
                localStorage.setItem("callboard-side", folded ? "folded" : "open");
            } catch (error) {
                // Not remembered then.
            }
        },
        "open-side": function () {
            root.classList.add("side-open");
            var first = document.querySelector("#shell-side a");
            if (first) {
                first.focus();
            }
        },
        "close-side": function () {
            root.classList.remove("side-open");
        },
        reload: function () {
            location.reload();
        },
        prefer: function (button) {
            var name = button.dataset.name;
            var value = button.dataset.value;
            if (name === "theme") {
                callboard.applyTheme(value);
            }
            button.parentElement.querySelectorAll("button").forEach(function (other) {
                other.setAttribute("aria-pressed", String(other === button));
            });
            callboard.prefer(name, value).then(
                function () {
                    if (name === "language") {
                        location.reload();
                    }
                },
                function () {
                    callboard.toast(callboard.t("shell.js.not_saved"), "bad");
                }
            );
        },
    };

    document.addEventListener("click", function (event) {
        var button = event.target.closest("[data-action]");
        if (button && Object.prototype.hasOwnProperty.call(actions, button.dataset.action)) {
            actions[button.dataset.action](button);
        }
        var menu = document.querySelector(".user-menu[open]");
        if (menu && !menu.contains(event.target)) {
            menu.open = false;
        }
    });

    document.addEventListener("keydown", function (event) {
        if (event.key !== "Escape") {
            return;
        }
        root.classList.remove("side-open");
        var menu = document.querySelector(".user-menu[open]");
        if (menu) {
            menu.open = false;
            menu.querySelector("summary").focus();
        }
    });

    // ---------------------------------------------------------------- clientside callbacks
    var firstPage = true;

    function mark(path) {
        document.querySelectorAll(".side-link").forEach(function (link) {
            if (path && new URL(link.href).pathname === path) {
                link.setAttribute("aria-current", "page");
            } else {
                link.removeAttribute("aria-current");
            }
        });
    }

    window.dash_clientside = Object.assign({}, window.dash_clientside, {
        shell: {
            title: function (title) {
                if (!title) {
                    return;
                }
                var frame = document.querySelector(".shell[data-site]");
                document.title = title + " · " + (frame ? frame.dataset.site : "");
                root.classList.remove("side-open");
                window.dash_clientside.set_props("shell-theme", { data: root.dataset.theme });
                if (!firstPage) {
                    // A new page: readers begin at its title.
                    var heading = document.querySelector("#shell-content h1, #shell-content h2");
                    window.scrollTo(0, 0);
                    (heading || document.getElementById("shell-content")).focus({ preventScroll: true });
                }
                firstPage = false;
            },
            mark: mark,
            toast: function (toast) {
                if (toast && toast.text) {
                    var id = toast.request_id ? callboard.t("shell.js.request", { id: toast.request_id }) : "";
                    callboard.toast(toast.text, toast.kind, id);
                }
            },
        },
    });

    document.addEventListener("callboard:theme", function (event) {
        if (window.dash_clientside.set_props && document.querySelector(".shell[data-site]")) {
            window.dash_clientside.set_props("shell-theme", { data: event.detail.theme });
        }
    });
})();
