// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// The answers to messages of which nothing comes but a line in the station's journal.
public enum StandardAnswer {
    /// A payload that the schema of the answer accepts; nil if the message needs an answer of its own.
    public static func payload(
        to action: String, _ request: JSON, in version: OCPPVersion, atNanoseconds now: Int64
    ) -> JSON? {
        guard case .expected(let handling) = Catalogue.verdict(on: action, in: version) else { return nil }
        switch handling {
        case .journal: return acknowledgement(of: action)
        case .declined: return refusal(of: action, request, in: version, atNanoseconds: now)
        // What a monitor saw and what a report lists is acknowledged with an empty object, as a status is.
        case .read: return emptyWhenRead.contains(action) ? .object([]) : nil
        case .sent, .later: return nil
        }
    }

    private static let emptyWhenRead: Set = [
        "MeterValues", "StatusNotification", "NotifyEvent", "NotifyReport", "NotifySettlement",
    ]

    private static func acknowledgement(of action: String) -> JSON {
        // K17.FR.16: accepted means that the schedule was received, not that anybody follows it.
        action == "NotifyEVChargingSchedule" ? ["status": "Accepted"] : .object([])
    }

    private static func refusal(
        of action: String, _ request: JSON, in version: OCPPVersion, atNanoseconds now: Int64
    ) -> JSON {
        switch action {
        case "DataTransfer": DataTransfer.answer(.unknownVendorID)
        case "Get15118EVCertificate": ["status": "Failed", "exiResponse": ""]
        case "GetCertificateStatus": ["status": "Failed"]
        case "GetCertificateChainStatus": chainStatus(request, atNanoseconds: now)
        // K15.FR.08: without smart charging the station is told not to wait for a profile.
        case "NotifyEVChargingNeeds": ["status": version == .v21 ? "NoChargingProfile" : "Rejected"]
        case "VatNumberValidation":
            .present([
                "status": "Rejected",
                "vatNumber": .string(String((request["vatNumber"]?.string ?? "").prefix(20))),
                "evseId": request["evseId"]?.int64.map { JSON($0) },
            ])
        default: ["status": "Rejected"]
        }
    }

    /// We keep no certificates yet: the status of each one asked for could not be found out.
    private static func chainStatus(_ request: JSON, atNanoseconds now: Int64) -> JSON {
        let time = JSON.string(Timestamp.text(nanoseconds: now))
        let asked = request["certificateStatusRequests"]?.array ?? []
        return [
            "certificateStatus": .array(
                asked.prefix(16).map { entry in
                    [
                        "certificateHashData": entry["certificateHashData"] ?? .object([]),
                        "source": entry["source"] ?? "OCSP", "status": "Failed", "nextUpdate": time,
                    ]
                })
        ]
    }
}
