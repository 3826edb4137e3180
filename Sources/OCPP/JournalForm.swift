// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// Checks messages of which nothing comes but a line in the station's journal (charging.md §3).
public enum JournalMessage {
    /// What is odd about a payload, and the error that it calls for, or nil.
    ///
    /// Only the fields of the payload itself are looked at: what is inside of them stays in the stored frame, unread.
    public static func check(
        _ action: String, _ payload: JSON, in version: OCPPVersion
    ) -> (findings: [Finding], refusal: (code: ErrorCode, finding: Finding)?) {
        guard let form = JournalForm.of(action, in: version) else { return ([], nil) }
        var reader = PayloadReader(version: version, mayCarryMoney: false)
        var fields = PayloadReader.fields(of: payload)
        for field in form.fields { reader.pass(field, &fields) }
        reader.finish(fields)
        return (reader.findings, reader.findings.refusal)
    }
}

/// The fields of one message, as its schema has them.
struct JournalForm: Sendable {
    /// One field.
    struct Field: Sendable {
        let name: String
        let kind: Kind
        let presence: PayloadReader.Presence
    }

    /// What a field holds.
    enum Kind: Hashable, Sendable {
        /// Text of at most so many characters; words of enumerations are text, since stations spell them differently.
        case text(limit: Int)
        case integer
        case number
        case truth
        case time
        case object
        case list
    }

    let fields: [Field]

    /// `status:text requestId?:integer techInfo?:text255`; a question mark makes a field optional.
    init(_ spelt: String) {
        fields = spelt.split(separator: " ").map { word in
            let parts = word.split(separator: ":")
            let isOptional = parts[0].hasSuffix("?")
            return Field(
                name: String(isOptional ? parts[0].dropLast() : parts[0]), kind: Self.kind(parts[1]),
                presence: isOptional ? .optional : .required)
        }
    }

    private static func kind(_ word: Substring) -> Kind {
        switch word {
        case "integer": return .integer
        case "number": return .number
        case "truth": return .truth
        case "time": return .time
        case "object": return .object
        case "list": return .list
        default:
            precondition(word.hasPrefix("text"), "\(word) is no kind of field")
            return .text(limit: Int(word.dropFirst(4)) ?? .max)
        }
    }

    /// The form of a message in a version; nil if it is read elsewhere.
    static func of(_ action: String, in version: OCPPVersion) -> JournalForm? {
        switch version {
        case .v16: V16.journalForms[action]
        case .v201: V201.journalForms[action]
        case .v21: V21.journalForms[action] ?? V201.journalForms[action]
        }
    }
}

extension PayloadReader {
    /// Looks at one field.
    fileprivate mutating func pass(_ field: JournalForm.Field, _ fields: inout Fields) {
        switch field.kind {
        case .text(let limit): _ = text(field.name, &fields, field.presence, limit: limit)
        case .integer: _ = integer(field.name, &fields, field.presence)
        case .number: _ = number(field.name, &fields, field.presence)
        case .truth: _ = bool(field.name, &fields, field.presence)
        case .time: _ = timestamp(field.name, &fields, field.presence)
        case .object: _ = object(field.name, &fields, field.presence)
        case .list: _ = list(field.name, &fields, field.presence)
        }
    }
}

extension V16 {
    static let journalForms: [String: JournalForm] = [
        "DiagnosticsStatusNotification": "status:text", "FirmwareStatusNotification": "status:text",
        "LogStatusNotification": "status:text requestId?:integer",
        "SecurityEventNotification": "type:text50 timestamp:time techInfo?:text255",
        "SignedFirmwareStatusNotification": "status:text requestId?:integer",
        "SignCertificate": "csr:text5500",
    ].mapValues(JournalForm.init)
}

extension V201 {
    /// Those of 2.1 have a few fields more and longer texts; both are read alike.
    static let journalForms: [String: JournalForm] = [
        "ClearedChargingLimit": "chargingLimitSource:text evseId?:integer",
        "FirmwareStatusNotification": "status:text requestId?:integer statusInfo?:object",
        "Get15118EVCertificate":
            "iso15118SchemaVersion:text50 action:text exiRequest:text11000 maximumContractCertificateChains?:integer "
            + "prioritizedEMAIDs?:list",
        "GetCertificateStatus": "ocspRequestData:object",
        "LogStatusNotification": "status:text requestId?:integer statusInfo?:object",
        "NotifyChargingLimit": "chargingSchedule?:list evseId?:integer chargingLimit:object",
        "NotifyCustomerInformation":
            "data:text512 tbc?:truth seqNo:integer generatedAt:time requestId:integer",
        "NotifyDisplayMessages": "messageInfo?:list requestId:integer tbc?:truth",
        "NotifyEVChargingNeeds":
            "evseId:integer maxScheduleTuples?:integer chargingNeeds:object timestamp?:time",
        "NotifyEVChargingSchedule":
            "timeBase:time chargingSchedule:object evseId:integer selectedChargingScheduleId?:integer "
            + "powerToleranceAcceptance?:truth",
        "NotifyMonitoringReport": "monitor?:list requestId:integer tbc?:truth seqNo:integer generatedAt:time",
        "PublishFirmwareStatusNotification":
            "status:text location?:list requestId?:integer statusInfo?:object",
        "ReportChargingProfiles":
            "requestId:integer chargingLimitSource:text chargingProfile:list tbc?:truth evseId:integer",
        "ReservationStatusUpdate": "reservationId:integer reservationUpdateStatus:text",
        "SecurityEventNotification": "type:text50 timestamp:time techInfo?:text255",
        "SignCertificate":
            "csr:text5500 certificateType?:text hashRootCertificate?:object requestId?:integer",
    ].mapValues(JournalForm.init)
}

extension V21 {
    static let journalForms: [String: JournalForm] = [
        "BatterySwap": "batteryData:list eventType:text idToken:object requestId:integer",
        "ClosePeriodicEventStream": "id:integer",
        "GetCertificateChainStatus": "certificateStatusRequests:list",
        "NotifyDERAlarm":
            "controlType:text gridEventFault?:text alarmEnded?:truth timestamp:time extraInfo?:text200",
        "NotifyDERStartStop": "controlId:text36 started:truth timestamp:time supersededIds?:list",
        "NotifyPeriodicEventStream": "data:list id:integer pending:integer basetime:time",
        "NotifyPriorityCharging": "transactionId:text36 activated:truth",
        "OpenPeriodicEventStream": "constantStreamData:object",
        "PullDynamicScheduleUpdate": "chargingProfileId:integer",
        "ReportDERControl":
            "curve?:list enterService?:list fixedPFAbsorb?:list fixedPFInject?:list fixedVar?:list freqDroop?:list "
            + "gradient?:list limitMaxDischarge?:list requestId:integer tbc?:truth",
    ].mapValues(JournalForm.init)
}
