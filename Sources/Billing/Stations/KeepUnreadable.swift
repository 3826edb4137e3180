// SPDX-License-Identifier: Apache-2.0

import Quantities
import Storage

/// Keeps a frame of which nobody knows what it says, and asks a person to look (charging.md §1, §3). What a station lost
/// that way may have been energy.
struct KeepUnreadable {
    let desk: Desk

    /// Why a person is asked about a frame; nil if it was read, and only refused or answered.
    static func reason(to state: FrameState, of frame: ReceivedFrame) -> WorkReason? {
        switch state {
        case .oversized: .oversized
        case .uninterpreted where frame.action.isEmpty: .uninterpreted
        case .interpreted, .duplicate, .uninterpreted, .kept: nil
        }
    }

    /// One question at a time for each station: whoever sends nonsense sends a lot of it.
    func callAsFunction(_ frame: FrameRecord, because reason: WorkReason) async throws {
        try await desk.store.transaction { tx in
            try tx.insert(frame)
            guard let station = try tx.find(StationRecord.self, frame.station) else { return }
            let why = frame.findings.joined(separator: "; ")
            let what = reason == .oversized ? "a frame that is too long" : "a frame that nobody can read"
            try tx.open(
                WorkItemRecord(
                    id: desk.ids.new(at: frame.receivedAt), organisation: station.organisation,
                    reason: reason.rawValue, object: station.id.text, station: station.id,
                    detail: "\(station.ocppIdentity) sent \(what): \(why)", facts: Self.facts(of: frame),
                    state: "open", openedAt: frame.receivedAt))
            tx.note(.workItem, station.id.text)
        }
    }

    private static func facts(of frame: FrameRecord) -> [WorkFact] {
        [
            WorkFact("frame", frame.id.text), WorkFact("message", frame.messageId),
            WorkFact("received_at", frame.receivedAt.iso8601),
        ]
    }
}
