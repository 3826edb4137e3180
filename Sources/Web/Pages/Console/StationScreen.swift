// SPDX-License-Identifier: Apache-2.0

package import Quantities

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
    /// What it said and was told.
    package var log: Log

    /// What a station said and was told, newest first.
    package struct Log: Hashable, Sendable {
        /// One message.
        package struct Message: Hashable, Sendable {
            /// When it was received or sent.
            package var at: Instant
            /// Whether the station sent it.
            package var isFromStation: Bool
            /// Its name, e.g. `MeterValues`; empty for an answer.
            package var action: String
            /// The number that ties an answer to its request.
            package var id: String
            /// The message without secrets.
            package var text: String
            /// What is unusual about it.
            package var remark: String?
            /// The session it is about.
            package var session: SessionID?

            /// One message.
            package init(at: Instant, isFromStation: Bool, action: String, id: String, text: String) {
                self.at = at
                self.isFromStation = isFromStation
                self.action = action
                self.id = id
                self.text = text
            }
        }

        /// What was searched for; empty for everything.
        package var search: String
        /// The message's name that was asked for; empty for all.
        package var action = ""
        /// `in`, `out`, or empty for both.
        package var direction = ""
        /// The first and the last day; empty for all.
        package var from = ""
        package var to = ""
        /// What was found.
        package var messages: [Message]
        /// The query of the messages before these; nil if there are none.
        package var olderQuery: String?

        /// What a station said and was told.
        package init(search: String, messages: [Message], olderQuery: String? = nil) {
            self.search = search
            self.messages = messages
            self.olderQuery = olderQuery
        }
    }

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
        log = Log(search: "", messages: [])
    }

    /// The page; printed, it is a sheet per point.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let (status, tone, seen) = row.presence.shown(shown)
        let gaps: Gaps = [
            "listURL": SiteURL.list(.stations).path, "headline": row.identity,
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
            "searchURL": SiteURL.station(row.id).path, "search": log.search, "action": log.action,
            "from": log.from, "to": log.to,
            "ways": [("", Word.bothWays), ("in", .fromStation), ("out", .toStation)].map {
                value, name -> Gaps in
                ["value": value, "name": words(name), "current": value == log.direction]
            },
            "hasMessages": !log.messages.isEmpty, "messages": log.messages.map { $0.gaps(shown) },
            "older": log.olderQuery.map { "\(SiteURL.station(row.id).path)?\($0)#messages" },
        ]
        let head = PageHead(title: row.identity, address: .station(row.id))
        return frame.page(head, .station, gaps, at: .list(.stations), shown)
    }
}

extension StationScreen.Log.Message {
    fileprivate func gaps(_ shown: Shown) -> Gaps {
        let words = shown.words
        return [
            "instant": at.iso8601, "when": shown.dateAndClockWithSeconds(at),
            "direction": words(isFromStation ? .fromStation : .toStation),
            "sign": isFromStation ? "in" : "out", "action": action.isEmpty ? words(.answer) : action,
            "id": id, "text": text, "remark": remark ?? false as Any,
            "url": session.map { SiteURL.session($0).path } ?? false as Any,
        ]
    }
}
