// SPDX-License-Identifier: Apache-2.0
import JSONText
import OCPP
import Testing

@Suite("Frames")
struct FrameTests {
    private func read(_ text: String, _ version: OCPPVersion = .v16) -> Frame.Reading {
        Frame.read(Array(text.utf8), version: version)
    }

    /// The frame, or nil if the text is unusable.
    private func frame(_ text: String, _ version: OCPPVersion = .v16) -> Frame? {
        if case .frame(let frame, _) = read(text, version) { return frame }
        return nil
    }

    /// The answer to an unusable text, as its own text; nil for silence.
    private func answer(_ text: String, _ version: OCPPVersion) -> String? {
        guard case .unusable(_, let answer) = read(text, version), let answer else { return nil }
        return String(decoding: answer.bytes, as: UTF8.self)
    }

    @Test(
        "every kind of frame is written as it was read, keys sorted",
        arguments: [
            #"[2,"a","Heartbeat",{}]"#, #"[3,"a",{"b":1,"c":12.50}]"#,
            #"[4,"a","GenericError","Why",{"x":"y"}]"#, #"[5,"a","GenericError","",{}]"#,
            #"[6,"a","NotifyPeriodicEventStream",{"id":1}]"#, #"[2,17,"Heartbeat",{}]"#,
        ])
    func roundTrip(text: String) throws {
        let frame = try #require(self.frame(text, .v21))

        #expect(String(decoding: frame.bytes, as: UTF8.self) == text)
    }

    @Test("C16: keys of a payload are sorted on the wire")
    func sorted() {
        let frame = Frame.callResult(MessageID("1"), payload: ["status": "Accepted", "interval": 300])

        #expect(
            String(decoding: frame.bytes, as: UTF8.self) == #"[3,"1",{"interval":300,"status":"Accepted"}]"#)
    }

    @Test(
        "what is no frame is met with silence in 1.6 and with an error to -1 in 2.x",
        arguments: [
            "", "hello", "{}", "[]", "[2]", "[2,null,\"Heartbeat\",{}]", "[2,\"\",\"X\",{}]", "\"x\"",
        ])
    func unreadable(text: String) {
        #expect(answer(text, .v16) == nil)
        #expect(answer(text, .v201)?.hasPrefix(#"[4,"-1","RpcFrameworkError""#) == true)
        #expect(answer(text, .v21)?.hasPrefix(#"[4,"-1","RpcFrameworkError""#) == true)
    }

    @Test("C10: an unknown message type is ignored; 2.1 has an error for it")
    func unknownType() {
        #expect(answer(#"[9,"a",{}]"#, .v16) == nil)
        #expect(answer(#"[9,"a",{}]"#, .v201) == nil)
        #expect(answer(#"[9,"a",{}]"#, .v21)?.hasPrefix(#"[4,"a","MessageTypeNotSupported""#) == true)
        #expect(frame(#"[6,"a","X",{}]"#, .v201) == nil)
        #expect(frame(#"[5,"a","X","",{}]"#, .v201) == nil)
    }

    @Test("a call without an action is refused by its id, in the spelling of the version")
    func withoutAction() {
        #expect(answer(#"[2,"a"]"#, .v16)?.hasPrefix(#"[4,"a","FormationViolation""#) == true)
        #expect(answer(#"[2,"a",7,{}]"#, .v201)?.hasPrefix(#"[4,"a","FormatViolation""#) == true)
    }

    @Test(
        "an odd envelope does not lose the message",
        arguments: [
            #"[2,"a","StopTransaction"]"#, #"[2,"a","StopTransaction",null]"#,
            #"[2,"a","StopTransaction",[]]"#, #"[2,"a","StopTransaction",{},"more"]"#,
            #"[2,"a","StopTransaction",{"x":1,"x":2}]"#,
        ])
    func oddEnvelope(text: String) throws {
        guard case .frame(.call(_, let action, _), let findings) = read(text) else {
            Issue.record("\(text) was lost")
            return
        }

        #expect(action == "StopTransaction")
        #expect(findings.count == 1)
    }

    @Test("a frame above 1 MiB is refused by its id, and one of 32 KiB signed data is read")
    func size() {
        let signed = #"[2,"a","TransactionEvent",{"x":"\#(String(repeating: "A", count: 64 << 10))"}]"#
        let huge = #"[2,"a","TransactionEvent",{"x":"\#(String(repeating: "A", count: 1 << 20))"}]"#

        #expect(frame(signed, .v201) != nil)
        #expect(answer(huge, .v201)?.hasPrefix(#"[4,"a","GenericError""#) == true)
    }

    @Test("replies with missing parts are read as far as they go")
    func shortReplies() {
        #expect(frame(#"[3,"a"]"#) == .callResult(MessageID("a"), payload: .object([])))
        #expect(frame(#"[4,"a"]"#) == .callError(MessageID("a"), Frame.Failure(code: "")))
    }

    @Test("C11: error codes are spelt as their version spells them")
    func spelling() {
        #expect(ErrorCode.formatViolation.text(in: .v16) == "FormationViolation")
        #expect(ErrorCode.occurrenceConstraintViolation.text(in: .v16) == "OccurenceConstraintViolation")
        #expect(ErrorCode.formatViolation.text(in: .v201) == "FormatViolation")
        #expect(ErrorCode.occurrenceConstraintViolation.text(in: .v21) == "OccurrenceConstraintViolation")
        #expect(ErrorCode.typeConstraintViolation.text(in: .v16) == "TypeConstraintViolation")
    }

    @Test("C1: the newest common version is chosen, whatever the order of the offer")
    func versions() {
        #expect(OCPPVersion.newest(among: ["ocpp1.6", "ocpp2.0.1"]) == .v201)
        #expect(OCPPVersion.newest(among: ["ocpp2.1", "ocpp1.6"]) == .v21)
        #expect(OCPPVersion.newest(among: ["ocpp1.5", "OCPP1.6", "mqtt"]) == nil)
    }
}
