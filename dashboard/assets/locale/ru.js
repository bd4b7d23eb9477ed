// Russian for plotly's axes and for the date picker. Loaded only when the interface is Russian.
(function () {
    "use strict";
    var months = [
        "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь",
        "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь",
    ];
    window.PlotlyLocales = window.PlotlyLocales || [];
    window.PlotlyLocales.push({
        moduleType: "locale",
        name: "ru",
        dictionary: {
            Autoscale: "Автоматический масштаб",
            "Download plot": "Сохранить рисунок",
            "Double-click to zoom back out": "Двойной щелчок вернёт масштаб",
            Loading: "Загрузка",
        },
        format: {
            days: ["воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"],
            shortDays: ["вс", "пн", "вт", "ср", "чт", "пт", "сб"],
            months: months,
            shortMonths: ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
            date: "%d.%m.%Y",
            month: "%b %Y",
            dayMonth: "%-d %b",
            dayMonthYear: "%-d %b %Y",
            decimal: ",",
            thousands: "\u00a0",
        },
    });
    // The heading of a calendar is a month by itself ("Ноябрь 2026"); date-fns gives the genitive ("ноября").
    var locale = window.dateFns && window.dateFns.locale && window.dateFns.locale.ru;
    if (locale) {
        var month = locale.localize.month;
        locale.localize.month = function (number, options) {
            if (options && options.width && options.width !== "wide") {
                return month(number, options);
            }
            return months[number];
        };
    }
})();
