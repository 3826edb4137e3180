// SPDX-License-Identifier: Apache-2.0
import JSONText
import OCPP
import Testing

/// The rows of charging.md §3, one test each.
@Suite("Lenient reading")
struct LenientReadingTests {
    private func decode<Message: IncomingMessage>(
        _ type: Message.Type, _ text: String, _ version: OCPPVersion = .v16
    ) throws -> Decoded<Message> {
        Message.decode(try JSON.parse(text), version: version)
    }

    private let start =
        #""connectorId":1,"idTag":"TAG","meterStart":1000,"timestamp":"2026-11-24T12:00:00Z""#

    @Test("a plain message has no findings")
    func plain() throws {
        let decoded = try decode(V16.StartTransaction.self, "{\(start)}")

        #expect(decoded.findings.isEmpty)
        #expect(decoded.message.connectorID == 1)
        #expect(decoded.message.idTag == "TAG")
        #expect(decoded.message.meterStartMilliwattHours == 1_000_000)
        #expect(decoded.message.timestamp?.nanoseconds == 1_795_521_600_000_000_000)
    }

    @Test("an unknown extra field is a finding, in any message; customData is none")
    func unknownField() throws {
        let transaction = try decode(V16.StartTransaction.self, "{\(start),\"vendorX\":{\"a\":1}}")
        let other = try decode(V16.Authorize.self, #"{"idTag":"A","vendorX":1}"#)
        let custom = try decode(
            V201.BootNotification.self, boot201(#","customData":{"vendorId":"x"}"#), .v201)

        #expect(transaction.findings.map(\.path.text) == ["/vendorX"])
        #expect(other.findings.count == 1 && other.refusal == nil)
        #expect(custom.findings.isEmpty)
    }

    private func boot201(_ more: String) -> String {
        #"{"reason":"PowerUp","chargingStation":{"vendorName":"V","model":"M"}\#(more)}"#
    }

    @Test("a word or a key in the wrong case is read as the word that was meant, with a finding")
    func wrongCase() throws {
        let status = try decode(
            V16.StatusNotification.self,
            #"{"connectorId":1,"errorCode":"noerror","status":"SUSPENDEDev","timestamp":"2026-11-24T12:00:00Z"}"#
        )
        let key = try decode(V16.Authorize.self, #"{"IDTAG":"A"}"#)

        #expect(status.message.status == "SuspendedEV")
        #expect(status.message.errorCode == "NoError")
        #expect(status.findings.count == 2 && status.refusal == nil)
        #expect(key.message.idTag == "A" && key.findings.count == 1 && key.refusal == nil)
    }

    @Test("a word we do not know is kept, with a finding, and answered normally: Celcius too")
    func unknownWord() throws {
        let status = try decode(
            V16.StatusNotification.self, #"{"connectorId":1,"errorCode":"NoError","status":"Dreaming"}"#)
        let values = try decode(
            V16.MeterValues.self,
            #"{"connectorId":1,"meterValue":[{"timestamp":"2026-11-24T12:00:00Z","sampledValue":[{"value":"21.5","measurand":"Temperature","unit":"Celcius"}]}]}"#
        )

        #expect(status.message.status == "Dreaming")
        #expect(status.findings.count == 1 && status.refusal == nil)
        #expect(values.message.meterValues.first?.samples.first?.unit == "Celcius")
        #expect(values.findings.count == 1)
    }

    @Test("null and [] are read as absent, with a finding", arguments: ["null", "[]"])
    func absent(value: String) throws {
        let stop =
            #"{"transactionId":5,"meterStop":2000,"timestamp":"2026-11-24T12:00:00Z","transactionData":\#(value),"reason":\#(value)}"#
        let stopped = try decode(V16.StopTransaction.self, stop)
        let other = try decode(
            V16.StatusNotification.self,
            #"{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":\#(value)}"#)

        #expect(stopped.message.transactionData.isEmpty && stopped.message.reason == "Local")
        #expect(stopped.findings.map(\.severity) == [.note, .note])
        #expect(other.findings.count == 1 && other.refusal == nil)
    }

    @Test(
        "an optional field of a wrong type or too long: dropped, and refused only where no money is carried")
    func wrongOptional() throws {
        let transaction = try decode(V16.StartTransaction.self, "{\(start),\"reservationId\":{}}")
        let long = try decode(
            V16.StatusNotification.self,
            #"{"connectorId":1,"errorCode":"NoError","status":"Available","info":"\#(String(repeating: "i", count: 51))"}"#
        )
        let type = try decode(
            V16.StatusNotification.self,
            #"{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":7}"#)

        #expect(transaction.message.reservationID == nil && transaction.refusal == nil)
        #expect(transaction.findings.map(\.severity) == [.dropped])
        #expect(long.refusal?.code == .typeConstraintViolation)
        #expect(type.refusal?.code == .typeConstraintViolation)
    }

    @Test("a required field missing: what is left is kept, and refused only where no money is carried")
    func missingRequired() throws {
        let transaction = try decode(V16.StopTransaction.self, #"{"meterStop":"x","transactionId":7}"#)
        let other16 = try decode(V16.Authorize.self, "{}")
        let other2 = try decode(V201.Authorize.self, #"{"idToken":{"type":"Central"}}"#, .v201)

        #expect(transaction.message.transactionID == 7 && transaction.message.meterStopMilliwattHours == nil)
        #expect(transaction.refusal == nil)
        #expect(
            transaction.findings.filter { $0.severity == .missing }.map(\.path.text) == [
                "/meterStop", "/timestamp",
            ])
        #expect(other16.refusal?.code.text(in: .v16) == "OccurenceConstraintViolation")
        #expect(other2.refusal?.code.text(in: .v201) == "OccurrenceConstraintViolation")
        #expect(other2.refusal?.finding.path == "/idToken/idToken")
    }

    @Test(
        "numbers of a transaction are read from text and from fractions, if they have one meaning",
        arguments: [
            (#""1000""#, 1_000_000), ("1000.0", 1_000_000), ("1000.25", 1_000_250), (#"" 1e3 ""#, 1_000_000),
            ("-1", -1000), ("1000.00049", 1_000_000),
        ] as [(String, Int64)])
    func oddNumbers(value: String, milliwattHours: Int64) throws {
        let decoded = try decode(
            V16.StartTransaction.self,
            #"{"connectorId":"1","idTag":77,"meterStart":\#(value),"timestamp":"2026-11-24T12:00:00Z"}"#)

        #expect(decoded.message.meterStartMilliwattHours == milliwattHours)
        #expect(decoded.message.connectorID == 1 && decoded.message.idTag == "77")
        #expect(decoded.refusal == nil)
    }

    @Test(
        "a bad value costs its sample and nothing else (C54)",
        arguments: [
            (#""""#, nil), (#""NaN""#, nil), (#""1.5e3""#, 1_500_000), (#"" 12""#, 12_000), (#""12,5""#, nil),
            (#""+7""#, 7000), ("15", 15_000), ("true", nil), ("null", nil), (#""1e99""#, nil),
            (#""1000000000000""#, 1_000_000_000_000_000), (#""1000000000001""#, nil),
        ] as [(String, Int64?)])
    func badSample(value: String, milliwattHours: Int64?) throws {
        let decoded = try decode(
            V16.MeterValues.self,
            #"{"connectorId":1,"transactionId":3,"meterValue":[{"timestamp":"2026-11-24T12:00:00Z","sampledValue":[{"value":\#(value)},{"value":"99"}]}]}"#
        )
        let samples = decoded.message.meterValues.first?.samples ?? []

        #expect(samples.last?.milliwattHours == 99_000)
        #expect(samples.count == (milliwattHours == nil ? 1 : 2))
        #expect(milliwattHours == nil || samples.first?.milliwattHours == milliwattHours)
        #expect(decoded.refusal == nil)
    }

    @Test("a sample says what it leaves out (C53), and an unknown unit of energy is worth nothing")
    func samples() throws {
        let decoded = try decode(
            V16.MeterValues.self,
            #"""
            {"connectorId":1,"meterValue":[{"timestamp":"2026-11-24T12:00:00Z","sampledValue":[
                {"value":"5"},{"value":"1.234567","unit":"kWh"},{"value":"9","unit":"BTU"},
                {"value":"11.5","measurand":"Power.Active.Import","unit":"kW"},
                {"value":"16.5","measurand":"Current.Import"},{"value":"80","measurand":"SoC"},
                {"value":"AB CD","format":"SignedData"}]}]}
            """#)
        let samples = try #require(decoded.message.meterValues.first?.samples)

        #expect(samples.count == 6)
        #expect(samples[0].context == "Sample.Periodic" && samples[0].location == "Outlet")
        #expect(samples[0].measurand == "Energy.Active.Import.Register" && samples[0].phase == nil)
        #expect(samples[0].milliwattHours == 5000 && samples[1].milliwattHours == 1_234_567)
        #expect(samples[2].milliwatts == 11_500_000 && samples[3].microamperes == 16_500_000)
        #expect(samples[4].millionthsOfPercent == 80_000_000)
        #expect(samples[5].signed?.record == "AB CD" && samples[5].digits == nil)
    }

    @Test("2.x samples are numbers with a multiplier, and bring their signed record")
    func samples2() throws {
        let decoded = try decode(
            V201.TransactionEvent.self,
            #"""
            {"eventType":"Ended","timestamp":"2026-11-24T12:00:00Z","triggerReason":"StopAuthorized","seqNo":4,
             "transactionInfo":{"transactionId":"T1"},
             "meterValue":[{"timestamp":"2026-11-24T12:00:00Z","sampledValue":[
                {"value":12345.6,"unitOfMeasure":{"unit":"Wh","multiplier":-1}},
                {"value":12.3450003,"unitOfMeasure":{"unit":"kWh"}},{"value":7,"unitOfMeasure":{"multiplier":99}},
                {"value":"8"},
                {"value":1,"signedMeterValue":{"signedMeterData":"T0NNRg==","signingMethod":"","encodingMethod":"OCMF","publicKey":"k"}}]}]}
            """#, .v201)
        let samples = try #require(decoded.message.meterValues.first?.samples)

        #expect(samples.map(\.milliwattHours) == [1_234_560, 12_345_000, 8000, 1000])
        #expect(samples.last?.signed?.record == "T0NNRg==" && samples.last?.signed?.encodingMethod == "OCMF")
        #expect(decoded.findings.contains { $0.message == "digits below a milliwatt-hour are cut" })
        #expect(decoded.refusal == nil)
    }

    @Test("a time without a zone is read as UTC with a finding; without a time the message still counts")
    func times() throws {
        let plain = try decode(
            V16.StartTransaction.self,
            #"{"connectorId":1,"idTag":"A","meterStart":1,"timestamp":"2026-11-24T12:00:00"}"#)
        let none = try decode(V16.StartTransaction.self, #"{"connectorId":1,"idTag":"A","meterStart":1}"#)

        #expect(plain.message.timestamp?.nanoseconds == 1_795_521_600_000_000_000)
        #expect(plain.findings.map(\.message) == ["a time without a zone, read as UTC"])
        #expect(none.message.timestamp == nil && none.refusal == nil)
    }

    @Test("a register that no meter can show is unreadable, and so is a time that no station can know")
    func absurd() throws {
        let decoded = try decode(
            V16.StartTransaction.self,
            #"{"connectorId":1,"idTag":"A","meterStart":9000000000000000,"timestamp":"2262-01-01T00:00:00Z"}"#
        )

        #expect(decoded.message.meterStartMilliwattHours == nil && decoded.message.timestamp == nil)
        #expect(decoded.refusal == nil && decoded.message.idTag == "A")
    }

    @Test("a token longer than its field is kept where money is carried: it names who charges")
    func longToken() throws {
        let tag = String(repeating: "A", count: 36)
        let decoded = try decode(
            V16.StartTransaction.self,
            #"{"connectorId":1,"idTag":"\#(tag)","meterStart":1,"timestamp":"2026-11-24T12:00:00Z"}"#)

        #expect(decoded.message.idTag == tag && decoded.refusal == nil)
    }

    @Test("text that no database keeps is no text")
    func nulCharacter() throws {
        let decoded = try decode(V16.Authorize.self, #"{"idTag":"A\u0000B"}"#)

        #expect(decoded.message.idTag == nil)
        #expect(decoded.refusal?.code == .occurrenceConstraintViolation)
    }

    @Test("a payload of the wrong kind is a message without content")
    func wrongPayload() throws {
        let decoded = V201.TransactionEvent.decode(["a", 1], version: .v201)

        #expect(decoded.message.transactionID == nil && decoded.refusal == nil)
        #expect(decoded.findings.contains { $0.severity == .missing })
    }

    @Test("a whole transaction event is read, in 2.0.1 and in 2.1", arguments: [OCPPVersion.v201, .v21])
    func transactionEvent(version: OCPPVersion) throws {
        let decoded = try decode(
            V201.TransactionEvent.self,
            #"""
            {"eventType":"Started","timestamp":"2026-11-24T12:00:00Z","triggerReason":"RemoteStart","seqNo":0,
             "offline":true,"evse":{"id":2,"connectorId":1},"idToken":{"idToken":"tok","type":"Central"},
             "transactionInfo":{"transactionId":"T1","chargingState":"EVConnected","remoteStartId":17},
             "cableMaxCurrent":32,"numberOfPhasesUsed":3}
            """#, version)
        let event = decoded.message

        #expect(decoded.findings.isEmpty)
        #expect(event.eventType == "Started" && event.seqNo == 0 && event.isOffline)
        #expect(
            event.transactionID == "T1" && event.chargingState == "EVConnected" && event.remoteStartID == 17)
        #expect(event.evse == V201.EVSE(id: 2, connectorID: 1))
        #expect(event.idToken == V201.IDToken("tok", type: "Central"))
    }

    @Test("a report lists its variables")
    func report() throws {
        let decoded = try decode(
            V201.NotifyReport.self,
            #"""
            {"requestId":1,"generatedAt":"2026-11-24T12:00:00Z","seqNo":0,"tbc":true,"reportData":[
             {"component":{"name":"TxCtrlr"},"variable":{"name":"TxStartPoint"},
              "variableAttribute":[{"value":"EVConnected"},{"type":"MaxSet","value":"x"}]}]}
            """#, .v201)

        #expect(decoded.refusal == nil && decoded.message.toBeContinued)
        #expect(decoded.message.variables.map(\.value) == ["EVConnected"])
        #expect(decoded.message.variables.first?.component == "TxCtrlr")
    }
}
