// SPDX-License-Identifier: Apache-2.0

import Quantities

/// One station with its charging points and the codes to print.
package struct StationScreen: Sendable {
    /// One charging point.
    package struct Point: Hashable, Sendable {
        /// Its name, e.g. the EVSE id.
        package var name: String
        /// The code printed on it.
        package var code: String
        /// Its state, as the station reported it.
        package var status: String
        /// Connectors and rated power.
        package var facts: [String]
        /// The whole address that the picture leads to.
        package var address: String
        /// The picture: SVG made by us, never by anybody else.
        package var qrSVG: String

        /// One charging point.
        package init(
            name: String, code: String, status: String, facts: [String], address: String, qrSVG: String
        ) {
            self.name = name
            self.code = code
            self.status = status
            self.facts = facts
            self.address = address
            self.qrSVG = qrSVG
        }
    }

    /// What surrounds it.
    package var frame: ConsoleFrame
    /// The station.
    package var row: StationRow
    /// What is known of it, e.g. firmware; names and values.
    package var details: [(name: String, value: String)]
    /// Its charging points.
    package var points: [Point]
    /// Its latest sessions.
    package var sessions: [SessionRow]

    /// One station.
    package init(
        frame: ConsoleFrame, row: StationRow, details: [(name: String, value: String)], points: [Point],
        sessions: [SessionRow]
    ) {
        self.frame = frame
        self.row = row
        self.details = details
        self.points = points
        self.sessions = sessions
    }

    /// The page; printed, it is a sheet per point.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let (status, tone, seen) = row.presence.shown(shown)
        let gaps: Gaps = [
            "w": words.all, "listURL": SiteURL.list(.stations).path, "headline": row.identity,
            "status": status, "tone": tone.rawValue, "facts": [row.site, row.model].filter { !$0.isEmpty },
            "details": ([(words(.columnSeen), seen)] + details).map { name, value -> Gaps in
                ["name": name, "value": value]
            },
            "hasPoints": !points.isEmpty,
            "points": points.map { point -> Gaps in
                [
                    "name": point.name, "code": point.code, "status": shown.status(point.status),
                    "tone": Tone(status: point.status).rawValue,
                    "facts": point.facts.isEmpty ? false as Any : point.facts,
                    "url": SiteURL.point(code: point.code).path, "address": point.address,
                    "qr": point.qrSVG,
                ]
            },
            "sessions": SessionRow.table(sessions, shown, now: frame.now).gaps,
        ]
        let head = PageHead(title: row.identity)
        return frame.page(head, Template.station.render(gaps.values), at: .list(.stations), shown)
    }
}
