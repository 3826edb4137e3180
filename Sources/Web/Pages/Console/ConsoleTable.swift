// SPDX-License-Identifier: Apache-2.0

import Quantities

/// A table of the console: on a phone each row becomes a small card with its labels.
struct ConsoleTable {
    /// One column.
    struct Column {
        var name: String
        var isNumber = false
        /// Whether its texts stay in one line.
        var isShort = false

        init(_ name: String, isNumber: Bool = false, isShort: Bool = false) {
            self.name = name
            self.isNumber = isNumber
            self.isShort = isShort
        }
    }

    /// One cell; what `detail` says stands below in small letters.
    enum Cell {
        case text(String, detail: String? = nil)
        case link(String, SiteURL, detail: String? = nil)
        /// A text that the stream replaces.
        case live(String, key: String, detail: String? = nil)
        case state(String, Tone, detail: String? = nil)
        /// A button that stops a session.
        case stop(String, SessionID)
        /// The buttons that answer a question, what they need, and why.
        case decide(WorkForm)
    }

    /// What the table is, for those who cannot see where it stands.
    var caption: String
    var columns: [Column]
    var rows: [[Cell]]
    /// What to do when there is nothing.
    var empty: String
    var emptyLink: (name: String, url: SiteURL)?
    var totals: [[Cell]] = []

    /// The gaps of `table.mustache`.
    var gaps: Gaps {
        [
            "caption": caption, "hasRows": !rows.isEmpty, "empty": empty,
            "emptyURL": emptyLink?.url.path ?? false as Any, "emptyLink": emptyLink?.name,
            "columns": columns.map { ["name": $0.name, "number": $0.isNumber, "short": $0.isShort] as Gaps },
            "rows": rows.map(row), "totals": totals.map(row),
        ]
    }

    private func row(_ cells: [Cell]) -> Gaps {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        return ["cells": zip(columns, cells).map { $1.gaps(under: $0) }]
    }
}

extension ConsoleTable.Cell {
    /// Every name has a value, so that none is looked up outside the cell.
    fileprivate func gaps(under column: ConsoleTable.Column) -> Gaps {
        var gaps: Gaps = [
            "number": column.isNumber, "short": column.isShort, "label": column.name, "tone": false,
            "url": false, "live": false,
            "plain": false, "stop": false, "decide": false, "detail": false, "text": " ",
        ]
        switch self {
        case .text(let text, let detail):
            (gaps["plain"], gaps["text"], gaps["detail"]) = (true, text, detail ?? false as Any)
        case .link(let text, let url, let detail):
            (gaps["url"], gaps["text"], gaps["detail"]) = (url.path, text, detail ?? false as Any)
        case .live(let text, let key, let detail):
            (gaps["live"], gaps["text"], gaps["detail"]) = (key, text, detail ?? false as Any)
        case .state(let text, let tone, let detail):
            (gaps["tone"], gaps["text"], gaps["detail"]) = (tone.rawValue, text, detail ?? false as Any)
        case .decide(let form): gaps["decide"] = form.gaps
        case .stop(let text, let session):
            (gaps["stop"], gaps["text"]) = (SiteURL.stopSession(session).path, text)
        }
        return gaps
    }
}

extension Tone {
    /// The tone of a state's word, as the machines name their states.
    init(status: String) {
        self =
            switch status {
            case "running", "online", "available", "charging", "settled", "captured", "authorized",
                "succeeded":
                .good
            case "starting", "funded", "funding", "quoted", "ended", "rated", "settling", "capturing",
                "authorizing",
                "occupied", "preparing", "finishing", "created", "voiding":
                .busy
            case "in_review", "start_failed", "in_doubt", "pending", "suspended_ev", "suspended_evse": .warn
            case "in_debt", "declined", "failed", "faulted", "unavailable", "offline", "refused",
                "written_off":
                .bad
            default: .plain
            }
    }
}

extension Shown {
    /// A machine's name of a state as people write it.
    func status(_ status: String) -> String { status.replacing("_", with: " ") }

    /// Amounts of several currencies, e.g. `12.00 €, £3.00`.
    func money(_ amounts: [Money]) -> String {
        amounts.isEmpty ? "–" : amounts.map { money($0) }.joined(separator: ", ")
    }
}
