// SPDX-License-Identifier: Apache-2.0
import Chargers
import Charging
import JSONText
import OCPP
import Quantities
import Testing

@Suite("Translation")
struct TranslationTests {
    private static let noon = Instant(seconds: 1_795_521_600)
    private let arrival = Arrival(receivedAt: noon + .seconds(1), connectedAt: noon - .hours(1))

    private func translate(
        _ action: String, _ payload: String, _ version: OCPPVersion = .v16, isAdmitted: Bool = true
    ) throws -> Translated {
        let call = Conversation.Call(id: MessageID("1"), action: action, payload: try JSON.parse(payload))
        return Translated.of(call, in: version, arrival, isAdmitted: isAdmitted)
    }

    private func message(
        _ action: String, _ payload: String, _ version: OCPPVersion = .v16
    ) throws -> StationMessage? {
        if case .tell(let message, _) = try translate(action, payload, version) { return message }
        return nil
    }

    private func fact(
        _ kind: Fact.Kind, _ at: Instant? = noon, sequence: Int64? = nil, offline: Bool = false
    ) -> Fact {
        Fact(kind, measuredAt: at, receivedAt: arrival.receivedAt, sequence: sequence, offline: offline)
    }

    @Test("1.6: a start is a new transaction with register and token")
    func start16() throws {
        let token = PresentedToken(uid: "TAG")
        #expect(
            try message(
                "StartTransaction",
                #"{"connectorId":2,"idTag":"TAG","meterStart":1000,"timestamp":"2026-11-24T12:00:00Z"}"#)
                == .transaction(
                    TransactionReport(
                        reference: .new, evse: 2, connector: 1, token: token,
                        facts: [
                            fact(.started(register: Energy(kilowattHours: 1))), fact(.token(token)),
                        ])))
    }

    @Test("1.6: a stop brings its samples, then who stopped it, then the end")
    func stop16() throws {
        let token = PresentedToken(uid: "TAG")
        #expect(
            try message(
                "StopTransaction",
                #"""
                {"transactionId":7,"idTag":"TAG","meterStop":2000,"timestamp":"2026-11-24T12:00:00Z","reason":"Remote",
                 "transactionData":[{"timestamp":"2026-11-24T11:59:00Z","sampledValue":[
                    {"value":"1.9","unit":"kWh","context":"Transaction.End"},{"value":"230","measurand":"Voltage"}]}]}
                """#)
                == .transaction(
                    TransactionReport(
                        reference: .number(7), token: token,
                        facts: [
                            fact(
                                .reading(
                                    Reading(.importRegister, value: 1_900_000, context: "Transaction.End")),
                                Self.noon - .minutes(1)),
                            fact(.token(token)),
                            fact(.ended(register: Energy(kilowattHours: 2), reason: "Remote")),
                        ])))
    }

    @Test("1.6: a stop that cannot be read is an end of nobody's transaction, with whatever is left")
    func brokenStop16() throws {
        guard case .transaction(let report)? = try message("StopTransaction", #"{"meterStop":5}"#) else {
            Issue.record("a stop must be told")
            return
        }
        #expect(report.reference == .number(0) && report.token == nil)
        #expect(report.facts == [fact(.ended(register: Energy(wattHours: 5), reason: "Local"), nil)])
    }

    @Test("1.6: samples go to their transaction, or to whatever ran on the connector")
    func meterValues16() throws {
        let value =
            #""meterValue":[{"timestamp":"2026-11-24T12:00:00Z","sampledValue":[{"value":"11","measurand":"Power.Active.Import","unit":"kW"}]}]"#
        let facts = [fact(.reading(Reading(.power, value: 11_000_000)))]

        #expect(
            try message("MeterValues", "{\"connectorId\":1,\"transactionId\":7,\(value)}")
                == .transaction(
                    TransactionReport(reference: .number(7), evse: 1, connector: 1, facts: facts)))
        #expect(
            try message("MeterValues", "{\"connectorId\":1,\(value)}") == .readings(evse: 1, facts: facts))
    }

    @Test("1.6: what is older than its connection was sent late")
    func late16() throws {
        guard
            case .transaction(let report)? = try message(
                "StartTransaction",
                #"{"connectorId":1,"idTag":"A","meterStart":1,"timestamp":"2026-11-24T10:00:00Z"}"#)
        else {
            Issue.record("a start must be told")
            return
        }
        #expect(report.offline && report.facts.allSatisfy(\.offline))
    }

    @Test(
        "statuses of both versions",
        arguments: [
            ("Available", EVSEStatus.available), ("Preparing", .occupied), ("Charging", .charging),
            ("SuspendedEV", .occupied), ("SuspendedEVSE", .occupied), ("Finishing", .occupied),
            ("Reserved", .reserved), ("Unavailable", .unavailable), ("Faulted", .faulted), ("Odd", .unknown),
        ])
    func statuses(word: String, status: EVSEStatus) throws {
        #expect(
            try message(
                "StatusNotification",
                "{\"connectorId\":1,\"errorCode\":\"GroundFailure\",\"status\":\"\(word)\"}")
                == .status(
                    StatusReport(
                        evse: 1, connector: 1, status: status, wireStatus: word, measuredAt: nil,
                        error: "GroundFailure")))
        #expect(
            try message(
                "StatusNotification",
                #"{"evseId":2,"connectorId":3,"connectorStatus":"Occupied","timestamp":"2026-11-24T12:00:00Z"}"#,
                .v201)
                == .status(
                    StatusReport(
                        evse: 2, connector: 3, status: .occupied, wireStatus: "Occupied",
                        measuredAt: Self.noon)))
    }

    @Test(
        "2.x: an event is facts in the order of a session, all under its number",
        arguments: [OCPPVersion.v201, .v21])
    func event(version: OCPPVersion) throws {
        let token = PresentedToken(uid: "TAG", kind: "ISO14443")
        let started = try message(
            "TransactionEvent",
            #"""
            {"eventType":"Started","timestamp":"2026-11-24T12:00:00Z","triggerReason":"RemoteStart","seqNo":4,"offline":true,
             "transactionInfo":{"transactionId":"T1","chargingState":"EVConnected","remoteStartId":17},
             "evse":{"id":2,"connectorId":1},"idToken":{"idToken":"TAG","type":"ISO14443"},
             "meterValue":[{"timestamp":"2026-11-24T11:59:59Z","sampledValue":[{"value":5,"context":"Transaction.Begin"}]}]}
            """#, version)
        #expect(
            started
                == .transaction(
                    TransactionReport(
                        reference: .named("T1"), evse: 2, connector: 1, token: token, remoteStartID: 17,
                        facts: [
                            fact(.started(register: nil), sequence: 4, offline: true),
                            fact(.token(token), sequence: 4, offline: true),
                            fact(.state(.connected), sequence: 4, offline: true),
                            fact(
                                .reading(Reading(.importRegister, value: 5000, context: "Transaction.Begin")),
                                Self.noon - .seconds(1), sequence: 4, offline: true),
                        ], offline: true)))
        let ended = try message(
            "TransactionEvent",
            #"""
            {"eventType":"Ended","timestamp":"2026-11-24T12:00:00Z","triggerReason":"EVDeparted","seqNo":5,
             "transactionInfo":{"transactionId":"T1","stoppedReason":"EVDisconnected"}}
            """#, version)
        #expect(
            ended
                == .transaction(
                    TransactionReport(
                        reference: .named("T1"),
                        facts: [fact(.ended(register: nil, reason: "EVDisconnected"), sequence: 5)])))
    }

    @Test("C17: before the boot is accepted only boots and transaction messages are taken")
    func notAdmitted() throws {
        for (action, version) in [
            ("Authorize", OCPPVersion.v16), ("StatusNotification", .v201), ("Heartbeat", .v21),
        ] {
            guard case .refuse(.securityError, _, _) = try translate(action, "{}", version, isAdmitted: false)
            else {
                Issue.record("\(action) was taken")
                continue
            }
        }
        for (action, version) in [
            ("StartTransaction", OCPPVersion.v16), ("StopTransaction", .v16), ("TransactionEvent", .v201),
        ] {
            guard case .tell = try translate(action, "{}", version, isAdmitted: false) else {
                Issue.record("\(action) was refused")
                continue
            }
        }
    }

    @Test("1.6: of vendors' messages only the unplugging is known")
    func dataTransfer() throws {
        func answer(_ payload: String) throws -> String? {
            guard case .journal(_, let answer, _) = try translate("DataTransfer", payload) else { return nil }
            return answer["status"]?.string
        }
        #expect(try answer(#"{"vendorId":"x"}"#) == "UnknownVendorId")
        #expect(
            try answer(#"{"vendorId":"org.openchargealliance.costmsg","messageId":"Other"}"#)
                == "UnknownMessageId")
        #expect(
            try answer(
                #"{"vendorId":"org.openchargealliance.costmsg","messageId":"ConnectorUnplugged","data":"{}"}"#
            )
                == "Accepted")
    }

    @Test("C26: every status of a token has its word in each version")
    func tokenStatuses() {
        func word(_ status: TokenStatus, _ version: OCPPVersion) -> String? {
            let answer = StationAnswer.token(
                TokenAnswer(status: status, group: String(repeating: "g", count: 30)))
            let payload = Answers.payload(answer, to: "Authorize", in: version, at: Self.noon)
            return (payload["idTagInfo"] ?? payload["idTokenInfo"])?["status"]?.string
        }
        #expect(
            TokenStatus.allCases.map { word($0, .v16) }
                == ["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx", "Blocked"])
        #expect(
            TokenStatus.allCases.map { word($0, .v201) }
                == ["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx", "NoCredit"])
    }

    @Test("C72, C75: a cost is written with the currency's digits, and one that is not known is absent")
    func cost() {
        func text(_ cost: Money?) -> String {
            let answer = StationAnswer.transaction(TransactionAnswer(number: 7, cost: cost))
            return Answers.payload(answer, to: "TransactionEvent", in: .v201, at: Self.noon).text()
        }
        #expect(text(.eur(1230)) == #"{"totalCost":12.30}"#)
        #expect(text(.eur(0)) == #"{"totalCost":0.00}"#)
        #expect(text(nil) == "{}")
    }

    private static let notice = CostNotice(
        .running, number: 7, name: "T1", cost: "1.00", at: .epoch, register: Energy(wattHours: 1000),
        isIdle: false, energyPrice: "0.49")

    @Test("C78: the cost messages of 1.6 carry their content as text, with digits as they are")
    func costMessages() throws {
        let running = try #require(Commands.render(.tell(Self.notice), in: .v16)).payload
        var over = Self.notice
        over.moment = .final
        over.receiptURL = "https://example.com/s/1"
        let final = try #require(Commands.render(.tell(over), in: .v16)).payload

        #expect(running["vendorId"] == "org.openchargealliance.costmsg")
        #expect(
            running["data"]?.string
                == #"{"chargingPrice":{"kWhPrice":0.49},"cost":1.00,"meterValue":1000,"state":"Charging","timestamp":"1970-01-01T00:00:00.000Z","transactionId":7}"#
        )
        #expect(final["messageId"] == "FinalCost")
        #expect(final["data"]?.string?.contains(#""qrCodeText":"https://example.com/s/1""#) == true)
        #expect(
            Commands.reply(to: .tell(over), .result(["status": "UnknownVendorId"]))
                == .refused(reason: "UnknownVendorId"))
    }

    @Test("every command has its message in 2.x, and what 1.6 lacks it says")
    func commands() {
        let token = PresentedToken(uid: "A1")
        let commands: [StationCommand] = [
            .start(evse: 1, connector: 1, token: token, remoteStartID: 5), .stop(number: 7, name: "T1"),
            .trigger(message: "StatusNotification", evse: 1), .reset(immediately: false),
            .unlock(evse: 1, connector: 1), .tell(Self.notice), .transactionStatus(name: "T1"),
            .readConfiguration(keys: ["A"]),
        ]
        #expect(
            commands.map { Commands.render($0, in: .v201)?.action } == [
                "RequestStartTransaction", "RequestStopTransaction", "TriggerMessage", "Reset",
                "UnlockConnector",
                "CostUpdated", "GetTransactionStatus", nil,
            ])
        #expect(
            commands.map { Commands.render($0, in: .v16)?.action } == [
                "RemoteStartTransaction", "RemoteStopTransaction", "TriggerMessage", "Reset",
                "UnlockConnector", "DataTransfer", nil, "GetConfiguration",
            ])
        #expect(Commands.render(.trigger(message: "TransactionEvent", evse: nil), in: .v16) == nil)
        #expect(Commands.render(.stop(number: 7, name: nil), in: .v201) == nil)
    }

    @Test("E14: a session is over when it is neither going on nor waiting to be told")
    func transactionStatus() throws {
        func reply(_ payload: JSON) -> CommandReply {
            Commands.reply(to: .transactionStatus(name: "T1"), .result(payload))
        }
        #expect(reply(["ongoingIndicator": true, "messagesInQueue": false]) == .accepted)
        #expect(reply(["ongoingIndicator": false, "messagesInQueue": true]) == .accepted)
        #expect(
            reply(["ongoingIndicator": false, "messagesInQueue": false]) == .refused(reason: "NotOngoing"))
    }
}
