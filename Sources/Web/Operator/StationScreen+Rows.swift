// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage

extension StationScreen {
    private static let mostSessions = 10

    /// One station with its points, its messages and its latest sessions.
    init(_ station: StationRecord, _ visit: ConsoleVisit, _ shown: Shown, in tx: Tx) throws {
        let desk = visit.page.desk
        let words = shown.words
        var filter = ListFilter()
        filter.equal["station"] = [station.id.text]
        filter.limit = Self.mostSessions
        let sessions = try tx.page(of: SessionRecord.self, for: station.organisation, filter).rows
        let details: [(Word, String?)] = [
            (.serialNumber, station.serialNumber), (.firmware, station.firmwareVersion),
            (.bootedAt, station.bootedAt.map { shown.dateAndClock($0) }),
            (.meterInterval, "\(station.meterIntervalSeconds) s"),
            (.meterLocation, station.meter.map(\.location.wire)),
            (.meterSamples, station.meter?.countsFromZero == true ? words(.fromZero) : nil),
            (.securityProfile, String(station.securityProfile)),
        ]
        self.init(
            frame: try visit.frame(in: tx), row: try StationRow(station, in: tx),
            details: details.compactMap { word, value in value.map { (words(word), $0) } },
            points: try tx.evses(of: station.id).map { try Point($0, desk, shown) },
            sessions: try sessions.map { try SessionRow($0, in: tx) })
        log = try Log(of: station.id, visit.page.query, shown, in: tx)
    }
}

extension StationScreen.Point {
    fileprivate init(_ evse: EVSERecord, _ desk: Desk, _ shown: Shown) throws {
        let address = evse.url(desk)
        self.init(
            name: evse.evseId, code: evse.evseCode, status: evse.status.rawValue,
            facts: evse.connectors.map(\.standardName) + [shown.ratedPower(evse.powerMax)],
            address: address, qrSVG: try QRPicture.svg(of: address))
    }
}

extension StationScreen.Log {
    private static let shownAtOnce = 50
    /// A search looks through so many messages and then offers to go on.
    private static let searchedAtOnce = 2000

    /// The messages of a station, newest first, that contain what is searched for.
    fileprivate init(of station: StationID, _ query: Query, _ shown: Shown, in tx: Tx) throws {
        let wanted = (query["q"] ?? "").trimmingBlanks
        var filter = Tx.FrameFilter()
        filter.action = query["action"].nilIfEmpty?.trimmingBlanks
        filter.direction = query["way"].flatMap { ["in", "out"].contains($0) ? $0 : nil }
        filter.from = query.date("from").map { shown.midnight(of: $0) }
        filter.to = query.date("to").map {
            shown.midnight(of: CivilDate(daysSinceEpoch: $0.daysSinceEpoch + 1))
        }
        var before = query["before"].nilIfEmpty.flatMap { FrameID($0) }
        var found: [FrameRecord] = []
        var searched = 0
        var isAtEnd = false
        while found.count < Self.shownAtOnce, searched < Self.searchedAtOnce, !isAtEnd {
            let batch = try tx.frames(at: station, before: before, matching: filter, limit: 200)
            isAtEnd = batch.count < 200
            for frame in batch where found.count < Self.shownAtOnce {
                before = frame.id
                searched += 1
                if wanted.isEmpty || frame.contains(wanted) { found.append(frame) }
            }
            // What was read beyond a full page is read again for the next one.
            if let last = batch.last, last.id != before { isAtEnd = false }
        }
        self.init(
            search: wanted, messages: found.map(Message.init),
            olderQuery: isAtEnd ? nil : before.map { query.text(with: ("before", $0.text)) })
        action = filter.action ?? ""
        direction = filter.direction ?? ""
        from = query["from"] ?? ""
        to = query["to"] ?? ""
    }
}

extension StationScreen.Log.Message {
    fileprivate init(_ frame: FrameRecord) {
        self.init(
            at: frame.receivedAt, isFromStation: frame.direction == "in", action: frame.action,
            id: frame.messageId, text: ShownFrame(frame).text)
        remark = frame.remark
        session = frame.session
    }
}

extension FrameRecord {
    /// Whether the message has a text in it, whatever the case of its letters. What is masked cannot be searched for.
    fileprivate func contains(_ text: String) -> Bool {
        let text = text.lowercased()
        return "\(action) \(messageId) \(session?.text ?? "") \(ShownFrame(self).text)".lowercased()
            .contains(text)
    }
}
