// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// Rules about identity, repetition and the end (charging.md §4, §5).
@Suite("A session is a fold over facts")
struct SessionTests {
    @Test("C39: an end that comes first is a session, and a start that comes last completes it")
    func endedFirst() {
        var story = Story()
        story.stop(6000, step: 6, received: Story.at(6))
        let before = story.folded()
        story.start(1000, received: Story.at(7))

        #expect(before.questions == [.noStartRegister, .orphanEnd])
        #expect(story.folded().energy == Energy(wattHours: 5000))
        #expect(story.folded().flags.isEmpty)
        #expect(story.folded().isComplete)
    }

    @Test("C40: what comes after the end fills in and never re-opens")
    func updatedAfterEnded() {
        var story = Story()
        story.start(1000)
        story.stop(6000, step: 6)
        story.sample(3000, at: Story.at(3), received: Story.at(8))

        #expect(story.folded().endedAt == Story.at(6))
        #expect(story.folded().registers.map(\.register.wattHours) == [1000, 3000, 6000])
    }

    @Test("C43: the token may come with any event; whoever stops is somebody else")
    func tokens() {
        var story = Story()
        story.event(0, [.started(register: nil)], step: 0, [(1000, "Transaction.Begin")])
        story.event(3, [.token(PresentedToken(uid: "mine"))], step: 1)
        story.event(
            5, [.token(PresentedToken(uid: "wife's")), .ended(register: nil, reason: "Local")], step: 2,
            [(2000, "Transaction.End")])

        #expect(story.folded().token?.uid == "mine")
        #expect(story.folded().stoppedBy?.uid == "wife's")
        #expect(story.folded().stopReason == "Local")
    }

    @Test("C33: the station's own end wins over the one we made, whenever it comes")
    func closedByServer() {
        var story = Story()
        story.start(1000)
        story.samples(2000)
        story.tell(.ended(register: nil, reason: "closed_by_server"), at: nil, received: Story.at(4))
        let before = story.folded()
        story.stop(3000, step: 3, received: Story.at(9))

        #expect(before.flags == [.closedByServer, .estimatedEnd])
        #expect(before.energy == Energy(wattHours: 1000))
        #expect(story.folded().endedAt == Story.at(3))
        #expect(story.folded().energy == Energy(wattHours: 2000))
        #expect(story.folded().flags.isEmpty)
    }

    @Test("C37: facts are told apart by what they say, not by message, receipt or `offline`")
    func contentKeys() {
        let reading = Fact.Kind.reading(Reading(.importRegister, value: 1))
        func key(_ kind: Fact.Kind, at: Instant?, sequence: Int64?, received: Instant = Story.begin) -> String
        {
            Fact(
                kind, measuredAt: at, receivedAt: received, sequence: sequence, order: received.seconds,
                offline: received > Story.begin
            ).contentKey
        }
        let ended = Fact.Kind.ended(register: nil, reason: "Local")

        #expect(
            key(reading, at: Story.at(1), sequence: 4)
                == key(reading, at: Story.at(1), sequence: 9, received: Story.at(2)))
        #expect(key(reading, at: Story.at(1), sequence: 4) != key(reading, at: Story.at(2), sequence: 4))
        #expect(
            key(ended, at: Story.at(1), sequence: 4)
                == key(ended, at: Story.at(1), sequence: 4, received: Story.at(2)))
        #expect(key(ended, at: Story.at(1), sequence: 4) != key(ended, at: Story.at(1), sequence: 5))
        #expect(
            key(.token(PresentedToken(uid: "tag1", kind: "Central")), at: nil, sequence: nil)
                == key(.token(PresentedToken(uid: "TAG1")), at: nil, sequence: nil))
        #expect(
            key(.started(register: nil), at: nil, sequence: nil)
                != key(.started(register: .zero), at: nil, sequence: nil))
    }

    /// A 2.x session of 5 kWh in three steps.
    private static func endedOnce() -> Story {
        var story = Story()
        story.event(0, [.started(register: nil)], step: 0, [(Story.register, "Transaction.Begin")])
        story.event(
            1, [.ended(register: nil, reason: "Local")], step: 3, [(Story.register + 5000, "Transaction.End")]
        )
        return story
    }

    @Test("duplicate-stop in 2.x: the end register of the first Ended counts")
    func duplicateEnded() {
        var story = Self.endedOnce()
        story.event(
            2, [.ended(register: nil, reason: "Other")], step: 4,
            [(Story.register + 9000, "Transaction.End")])

        #expect(story.folded().energy == Energy(wattHours: 5000))
        #expect(story.folded().questions == [.stopConflict])
    }

    @Test("a second Ended of the same moment with another register is a conflict too")
    func endedAtTheSameTime() {
        var story = Self.endedOnce()
        story.event(
            2, [.ended(register: nil, reason: "Local")], step: 3,
            [(Story.register + 9000, "Transaction.End")])

        #expect(story.folded().energy == Energy(wattHours: 5000))
        #expect(story.folded().questions == [.stopConflict])
    }

    @Test("meter-after-stop in 2.x: the marked reading a moment after its own event is the end")
    func markedAfterEnded() {
        var story = Story()
        story.event(0, [.started(register: nil)], step: 0, [(Story.register, "Transaction.Begin")])
        story.event(1, [.ended(register: nil, reason: "Local")], step: 3)
        story.sample(
            Story.register + 5000, at: Story.at(3) + .seconds(2), context: "Transaction.End", sequence: 1)
        story.sample(Story.register + 5010, at: Story.at(4), context: "Transaction.End", sequence: 2)

        let session = story.folded()

        #expect(session.energy == Energy(wattHours: 5000))
        #expect(session.usage().energy == Energy(wattHours: 5000))
        #expect(session.usage().intervals.last?.end == Story.at(3))
    }

    @Test("stop-without-start in 2.x: an end with both registers is a session for a person")
    func stopWithoutStart() {
        var story = Story()
        story.sample(Story.register, at: Story.at(0), context: "Transaction.Begin", sequence: 2)
        story.event(
            2, [.token(PresentedToken(uid: "TAG1")), .ended(register: nil, reason: "PowerLoss")], step: 6,
            [(Story.register + 5000, "Transaction.End")])

        let session = story.folded()

        #expect(session.energy == Energy(wattHours: 5000))
        #expect(session.questions == [.orphanEnd])
        #expect(session.token?.uid == "TAG1")
        #expect(session.stoppedBy == nil)
        #expect(!session.isComplete)
    }
}

/// When a session may be billed (charging.md §5; decided.md, De-duplication).
@Suite("How long an ended session waits")
struct WaitingTests {
    private func session(start: Int64?, stop: Int64?) -> Session {
        var story = Story()
        story.start(start)
        story.samples(2000)
        story.stop(stop, step: 3)
        return story.folded()
    }

    private func finality(
        _ session: Session, after: Elapsed, online: Bool = true, captureBefore: Instant? = nil
    ) -> Session.Finality {
        session.finality(
            at: Story.begin + after, lastFactAt: Story.begin, isStationOnline: online, quiet: Session.Quiet(),
            captureBefore: captureBefore)
    }

    @Test("waiting ends two hours before the hold can no longer be captured")
    func hold() {
        let session = session(start: 1000, stop: nil)
        let bound = Story.begin + .hours(10)

        #expect(
            finality(session, after: .hours(7), online: false, captureBefore: bound)
                == .notYet(Story.begin + .hours(8)))
        #expect(finality(session, after: .hours(8), online: false, captureBefore: bound) == .final)
    }

    @Test("a running session is never final")
    func open() {
        var story = Story()
        story.start(1000)

        #expect(
            finality(story.folded(), after: .hours(48)) == .notYet(Story.begin + .hours(48) + .minutes(15)))
    }

    @Test("each flag is either a question for a person or a note")
    func flags() {
        let questions = SessionFlag.allCases.filter(\.needsReview).map(\.rawValue).sorted()

        #expect(
            questions == [
                "bad_stop_register", "card_in_record", "implausible_energy", "no_start_register",
                "no_usable_register", "orphan_end",
                "register_fault",
                "register_reset", "stop_conflict", "two_scales",
            ])
    }
}
