// SPDX-License-Identifier: Apache-2.0

import Quantities

extension Fact {
    /// The text by which a fact is known within its session (charging.md §4): what it says and when it was
    /// measured, never the message it came in, nor when that was received, nor `offline`.
    ///
    /// The 1.6 start is told apart by register and time, the stop by register, time and reason; a sample by
    /// everything it says. Station, connector and transaction are those of the session.
    package var contentKey: String {
        let content = content
        let time = content.measuredAt.map { String($0.nanoseconds) } ?? "-"
        let place = content.sequence.map { String($0) } ?? "-"
        return switch content.kind {
        case .started(let register): "started|\(time)|\(place)|\(Self.text(register))"
        case .reading(let reading):
            [
                "reading", time, reading.measurand.rawValue, reading.context, reading.location,
                reading.phase ?? "-", String(reading.value),
            ].joined(separator: "|")
        case .state(let state): "state|\(time)|\(state.rawValue)"
        case .token(let token): "token|\(time)|\(place)|\(token.uid)"
        case .limit(let limit): "limit|\(time)|\(limit)"
        case .ended(let register, let reason):
            "ended|\(time)|\(place)|\(Self.text(register))|\(reason ?? "-")"
        case .withheld(let record): "withheld|\(record)"
        case .judged(let judgement): "judged|\(receivedAt.nanoseconds)|\(judgement)"
        }
    }

    private static func text(_ register: Energy?) -> String {
        register.map { String($0.milliwattHours) } ?? "-"
    }

    /// The same as a value: cheaper than its text where many facts are compared.
    package struct Content: Hashable {
        let kind: Kind
        let measuredAt: Instant?
        let sequence: Int64?
    }

    /// What the fact says. Samples and states may come in any message, so their sequence number does not
    /// count (a station may tell a sample again in its last event); a token counts without case and kind
    /// (C23).
    package var content: Content {
        switch kind {
        case .reading, .state, .limit: Content(kind: kind, measuredAt: measuredAt, sequence: nil)
        case .token(let token):
            Content(
                kind: .token(PresentedToken(uid: token.folded)), measuredAt: measuredAt, sequence: sequence)
        case .started, .ended: Content(kind: kind, measuredAt: measuredAt, sequence: sequence)
        case .withheld: Content(kind: kind, measuredAt: nil, sequence: nil)
        case .judged: Content(kind: kind, measuredAt: receivedAt, sequence: nil)
        }
    }

    /// The station's time, unless it is one that no clock of a station shows: before 1970 or after 2200.
    var clockTime: Instant? {
        guard let measuredAt, (.epoch...Instant(seconds: 7_258_118_400)).contains(measuredAt) else {
            return nil
        }
        return measuredAt
    }
}

extension Sequence<Fact> {
    /// Each fact once, in the order of receipt: of equal ones the first stays, so that a repetition changes nothing (I19).
    package var eachOnce: [Fact] {
        var seen: Set<Fact.Content> = []
        return sorted { $0.order == $1.order ? $0.contentKey < $1.contentKey : $0.order < $1.order }
            .filter { seen.insert($0.content).inserted }
    }
}
