// SPDX-License-Identifier: Apache-2.0
import JSONText
import OCPP
import Testing

@Suite("Conversations")
struct ConversationTests {
    private typealias Effect = Conversation.Effect

    private let second: Int64 = 1_000_000_000

    private func ask(_ id: String, deadline: Int64 = .max) -> Conversation.Ask {
        Conversation.Ask(
            id: MessageID(id), action: "Reset", payload: ["type": "Soft"], deadlineNanoseconds: deadline)
    }

    private func written(_ ask: Conversation.Ask) -> Effect {
        .write(.call(ask.id, action: ask.action, payload: ask.payload))
    }

    private func call(_ id: String) -> Frame {
        .call(MessageID(id), action: "Heartbeat", payload: .object([]))
    }

    private func request(_ id: String) -> Conversation.Call {
        Conversation.Call(id: MessageID(id), action: "Heartbeat", payload: .object([]))
    }

    private func result(_ id: String) -> Frame { .callResult(MessageID(id), payload: .object([])) }

    @Test("C7: one call of ours is outstanding, the next waits for the reply")
    func oneOfOurs() {
        var conversation = Conversation()

        #expect(conversation.apply(.asked(ask("1")), atNanoseconds: 0) == [written(ask("1"))])
        #expect(conversation.apply(.asked(ask("2")), atNanoseconds: 0) == [])
        #expect(
            conversation.apply(.received(result("1")), atNanoseconds: 0) == [
                .ended(ask("1"), .result(.object([]))), written(ask("2")),
            ])
    }

    @Test("C7: a second call of the station is answered after the first, in order")
    func oneOfTheirs() {
        var conversation = Conversation()

        #expect(conversation.apply(.received(call("a")), atNanoseconds: 0) == [.answer(request("a"))])
        #expect(conversation.apply(.received(call("b")), atNanoseconds: 0) == [])
        #expect(conversation.waitingCalls == 1)
        #expect(
            conversation.apply(.answered(result("a")), atNanoseconds: 0) == [
                .write(result("a")), .answer(request("b")),
            ])
        #expect(conversation.apply(.answered(result("b")), atNanoseconds: 0) == [.write(result("b"))])
    }

    @Test("C8: calls cross; a call is answered while ours waits")
    func crossing() {
        var conversation = Conversation()
        _ = conversation.apply(.asked(ask("1")), atNanoseconds: 0)

        #expect(conversation.apply(.received(call("1")), atNanoseconds: 0) == [.answer(request("1"))])
        #expect(conversation.apply(.answered(result("1")), atNanoseconds: 0) == [.write(result("1"))])
        #expect(
            conversation.apply(.received(result("1")), atNanoseconds: 0) == [
                .ended(ask("1"), .result(.object([])))
            ])
    }

    @Test("C9: a reply to no call of ours is ignored, and ours still waits")
    func unknownReply() {
        var conversation = Conversation()
        _ = conversation.apply(.asked(ask("1")), atNanoseconds: 0)

        let effects = conversation.apply(.received(result("9")), atNanoseconds: 0)

        #expect(effects == [.ignored(result("9"), why: "a reply to no call of ours")])
        #expect(conversation.apply(.asked(ask("2")), atNanoseconds: 0) == [])
    }

    @Test("silence for 30 s ends a call as unknown, and the next is sent; the late reply is ignored")
    func timeOut() {
        var conversation = Conversation()
        _ = conversation.apply(.asked(ask("1")), atNanoseconds: 0)
        _ = conversation.apply(.asked(ask("2")), atNanoseconds: 0)

        #expect(conversation.nextDeadlineNanoseconds == 30 * second)
        #expect(conversation.apply(.passed, atNanoseconds: 30 * second - 1) == [])
        #expect(
            conversation.apply(.passed, atNanoseconds: 30 * second) == [
                .ended(ask("1"), .unknown), written(ask("2")),
            ])
        let late = conversation.apply(.received(result("1")), atNanoseconds: 31 * second)
        #expect(late == [.ignored(result("1"), why: "a reply to no call of ours")])
    }

    @Test("a call past its deadline is never sent")
    func stale() {
        var conversation = Conversation()
        _ = conversation.apply(.asked(ask("1")), atNanoseconds: 0)
        let stale = ask("2", deadline: 15 * second)
        _ = conversation.apply(.asked(stale), atNanoseconds: 0)

        #expect(conversation.nextDeadlineNanoseconds == 15 * second)
        #expect(conversation.apply(.passed, atNanoseconds: 15 * second) == [.ended(stale, .neverSent)])
        #expect(
            conversation.apply(.asked(ask("3", deadline: 5)), atNanoseconds: 20 * second) == [
                .ended(ask("3", deadline: 5), .neverSent)
            ])
    }

    @Test("C5: when the socket closes, the call in flight is unknown and the others were never sent")
    func closing() {
        var conversation = Conversation()
        _ = conversation.apply(.asked(ask("1")), atNanoseconds: 0)
        _ = conversation.apply(.asked(ask("2")), atNanoseconds: 0)

        #expect(
            conversation.apply(.closed, atNanoseconds: 0) == [
                .ended(ask("1"), .unknown), .ended(ask("2"), .neverSent),
            ])
        #expect(conversation.apply(.closed, atNanoseconds: 0) == [])
        #expect(conversation.apply(.asked(ask("3")), atNanoseconds: 0) == [.ended(ask("3"), .neverSent)])
        #expect(
            conversation.apply(.answered(result("a")), atNanoseconds: 0) == [
                .ignored(result("a"), why: "the socket is closed")
            ])
    }

    @Test("C12: SEND is taken without an answer, even while a call is being answered")
    func send() {
        var conversation = Conversation()
        _ = conversation.apply(.received(call("a")), atNanoseconds: 0)

        let send = Frame.send(MessageID("s"), action: "Heartbeat", payload: .object([]))

        #expect(conversation.apply(.received(send), atNanoseconds: 0) == [.take(request("s"))])
    }

    @Test("C12: CALLRESULTERROR is accepted and logged")
    func callResultError() {
        var conversation = Conversation()
        let frame = Frame.callResultError(MessageID("a"), Frame.Failure(code: "FormatViolation"))

        #expect(
            conversation.apply(.received(frame), atNanoseconds: 0) == [
                .ignored(frame, why: "the station could not use our answer")
            ])
    }

    @Test("an error reply ends the call")
    func errorReply() {
        var conversation = Conversation()
        _ = conversation.apply(.asked(ask("1")), atNanoseconds: 0)
        let failure = Frame.Failure(code: "NotSupported")

        let effects = conversation.apply(.received(.callError(MessageID("1"), failure)), atNanoseconds: 0)

        #expect(effects == [.ended(ask("1"), .error(failure))])
    }
}
