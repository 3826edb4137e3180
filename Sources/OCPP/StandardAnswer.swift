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
    ) -> JSON? {
        switch action {
        case "DataTransfer": DataTransfer.answer(.unknownVendorID)
        case "Get15118EVCertificate": ["status": "Failed", "exiResponse": ""]
        case "GetCertificateStatus": ["status": "Failed"]
        case "GetCertificateChainStatus": chainStatus(request, atNanoseconds: now)
        // K15.FR.08: without smart charging the station is told not to wait for a profile.
        case "NotifyEVChargingNeeds": ["status": version == .v21 ? "NoChargingProfile" : "Rejected"]
        case V21.VatNumberValidation.action:
            V21.VatNumberValidation.decode(request, version: version).message.refusal
        default: ["status": "Rejected"]
        }
    }

    /// We keep no certificates yet: the status of each one asked for could not be found out. Nil if none is named.
    private static func chainStatus(_ request: JSON, atNanoseconds now: Int64) -> JSON? {
        let time = JSON.string(Timestamp.text(nanoseconds: now))
        let asked = (request["certificateStatusRequests"]?.array ?? []).prefix(4).compactMap {
            entry -> JSON? in
            guard let hash = certificateHash(entry["certificateHashData"]) else { return nil }
            let isList = entry["source"]?.string == "CRL"
            return [
                "certificateHashData": hash, "source": isList ? "CRL" : "OCSP", "status": "Failed",
                "nextUpdate": time,
            ]
        }
        return asked.isEmpty ? nil : ["certificateStatus": .array(asked)]
    }

    /// The hashes of a certificate, if all of them can be written back.
    private static func certificateHash(_ json: JSON?) -> JSON? {
        let limits = [
            "hashAlgorithm": 6, "issuerNameHash": 128, "issuerKeyHash": 128, "serialNumber": 40,
        ]
        let algorithms = ["SHA256", "SHA384", "SHA512"]
        guard let json, algorithms.contains(json["hashAlgorithm"]?.string ?? "") else { return nil }
        var hash: [JSON.Member] = []
        for (key, limit) in limits {
            guard let text = json[key]?.string, text.count <= limit else { return nil }
            hash.append(JSON.Member(key, .string(text)))
        }
        return .object(hash)
    }
}
