// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A station as a line of the console's lists.
package struct StationRow: Hashable, Sendable {
    /// Whether it is there.
    package enum Presence: Hashable, Sendable {
        /// Connected; last heard at a time.
        case online(seenAt: Instant)
        /// Not connected; last heard at a time, if ever.
        case offline(lastSeenAt: Instant?)
    }

    /// One of its charging points.
    package struct Point: Hashable, Sendable {
        /// The code printed on it.
        package var code: String
        /// Its state, as the station reported it.
        package var status: String

        /// A charging point.
        package init(code: String, status: String) {
            self.code = code
            self.status = status
        }
    }

    /// Which.
    package var id: StationID
    /// What it calls itself on its socket.
    package var identity: String
    /// Maker, model, protocol.
    package var model: String
    /// Where it stands.
    package var site: String
    /// Whether it is there.
    package var presence: Presence
    /// Its charging points.
    package var points: [Point]

    /// A station as a line.
    package init(
        id: StationID, identity: String, model: String, site: String, presence: Presence, points: [Point]
    ) {
        self.id = id
        self.identity = identity
        self.model = model
        self.site = site
        self.presence = presence
        self.points = points
    }
}

extension StationRow.Presence {
    /// A word, its tone, and when the station was last heard.
    func shown(_ shown: Shown) -> (text: String, tone: Tone, seen: String) {
        let words = shown.words
        switch self {
        case .online(let seenAt): return (words(.online), .good, shown.dateAndClock(seenAt))
        case .offline(let lastSeenAt?): return (words(.offlinePoint), .bad, shown.dateAndClock(lastSeenAt))
        case .offline: return (words(.offlinePoint), .bad, words(.never))
        }
    }
}

extension StationRow {
    static func table(_ rows: [StationRow], socket: String, _ shown: Shown) -> ConsoleTable {
        let words = shown.words
        return ConsoleTable(
            caption: words(.stations),
            columns: [
                .init(words(.columnStation)), .init(words(.columnState), isShort: true),
                .init(words(.columnPoints)),
            ],
            rows: rows.map { row in
                let (text, tone, seen) = row.presence.shown(shown)
                let points = row.points.map { "\($0.code) \(shown.status($0.status))" }
                return [
                    .link(row.identity, .station(row.id), detail: row.model),
                    .state(text, tone, detail: seen),
                    .text(points.joined(separator: ", "), detail: row.site),
                ]
            }, empty: words(.noStations, ["socket": socket]))
    }
}
