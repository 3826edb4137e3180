// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// When a session may be billed (charging.md §5). It is open until an end is known, then provisional, then
/// final.
extension Session {
    /// How long a session must be quiet before it is final.
    package struct Quiet: Hashable, Sendable {
        /// With start and end known.
        package var complete: Elapsed
        /// With something missing that the connected station can still tell.
        package var incomplete: Elapsed
        /// With something missing and the station away.
        package var offline: Elapsed

        package init(
            complete: Elapsed = .seconds(5), incomplete: Elapsed = .minutes(15), offline: Elapsed = .hours(24)
        ) {
            self.complete = complete
            self.incomplete = incomplete
            self.offline = offline
        }
    }

    /// What a look at a session gives.
    package enum Finality: Hashable, Sendable {
        /// Facts may still come; look again then.
        case notYet(Instant)
        /// The readings may be frozen and billed.
        case final
        /// A person must look first, because of these.
        case review([SessionFlag])
    }

    /// How long before a hold can no longer be captured waiting ends, whatever is missing.
    private static let margin = Elapsed.hours(2)

    /// Complete and quiet, or its bound has passed; a flag that needs a person makes it a review instead.
    ///
    /// - Parameters:
    ///   - isDrained: the station said that it has nothing more to tell (E14, messagesInQueue false; C41).
    ///   - captureBefore: until when its hold can be captured, if it has one.
    package func finality(
        at now: Instant, lastFactAt: Instant, isStationOnline: Bool, quiet: Quiet,
        isDrained: Bool = false, captureBefore: Instant? = nil
    ) -> Finality {
        let pause =
            isComplete || isDrained || judgement != nil
            ? quiet.complete : isStationOnline ? quiet.incomplete : quiet.offline
        guard endedAt != nil else { return .notYet(max(now, lastFactAt) + pause) }
        let bound = captureBefore.map { $0 - Self.margin }
        let due = min(lastFactAt + pause, bound ?? lastFactAt + pause)
        guard now >= due else { return .notYet(due) }
        return questions.isEmpty ? .final : .review(questions)
    }
}
