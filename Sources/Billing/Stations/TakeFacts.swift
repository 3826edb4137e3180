// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// The short way of a message about a session that goes on: its frame is appended with its facts in it, then it is answered.
///
/// Appends of many stations share one flush, and nothing is read. The session is folded afterwards, at most once a second
/// (`FoldSessions`); facts in any order and number give the same session, so nothing depends on when (I18, I19).
struct TakeFacts {
    let desk: Desk
    let running: RunningSessions

    /// The answer, after everything is durable; nil if the message has to go the long way.
    func callAsFunction(_ message: StationMessage, in frame: ReceivedFrame) async throws -> StationAnswer? {
        guard case .transaction(let report) = message, report.remoteStartID == nil, !report.isStart,
            report.lack == nil,
            !message.teachesClock(at: frame.receivedAt)
        else { return nil }
        let name = RunningSessions.Name(station: frame.station, reference: report.reference)
        if case .new = report.reference { return nil }
        guard let entry = running.entry(name, messageID: frame.messageID),
            !(report.isEnd && entry.isPriced), entry.isPlaced || report.evse == nil,
            let token = Self.token(of: report, in: entry)
        else { return nil }
        let answer = StationAnswer.transaction(
            TransactionAnswer(number: entry.number, token: token.answer, cost: entry.cost))
        var row = frame.row(id: desk.ids.new(at: frame.receivedAt), direction: .inbound)
        // Signed readings are counted with their session.
        guard !row.carriesSignedData else { return nil }
        row.answer = answer
        row.session = entry.session
        row.facts = report.facts.placed(at: frame.receivedAt)
        try await desk.store.append([try Statement.insert(row)])
        running.mark(entry.session, at: frame.station, hasEnded: report.isEnd)
        return answer
    }

    /// What is said about the message's token: nothing if it has none, the known answer if it is the session's own. Nil if
    /// somebody must look.
    private static func token(
        of report: TransactionReport, in entry: RunningSessions.Entry
    ) -> (answer: TokenAnswer?, Void)? {
        guard let presented = report.token else { return (nil, ()) }
        guard let known = entry.token, known == presented.folded, let answer = entry.tokenAnswer else {
            return nil
        }
        return (answer, ())
    }
}

extension StationMessage {
    /// Whether it tells a time as it happens that is not ours: then the station's clock is learned from it.
    fileprivate func teachesClock(at now: Instant) -> Bool {
        guard let measuredAt = toldLiveAt else { return false }
        return measuredAt < now - .minutes(2) || measuredAt > now + .minutes(2)
    }
}
