// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// What only one vendor understands (1.6 §4.3, P2 P01). All versions share its form; `data` is text in 1.6.
public struct DataTransfer: IncomingMessage, Hashable {
    public static let action = "DataTransfer"
    public static let mayCarryMoney = true

    /// Whose message it is.
    public let vendorID: String?
    /// Which of the vendor's messages.
    public let messageID: String?
    /// Its content.
    public let data: JSON?

    public init(reading payload: JSON, with decoding: inout Decoding) {
        var fields = PayloadReader.fields(of: payload)
        vendorID = decoding.reader.text("vendorId", &fields, .required, limit: 255)
        messageID = decoding.reader.text("messageId", &fields, limit: 50)
        data = decoding.reader.any("data", &fields)
        decoding.reader.finish(fields)
    }

    /// How it can be answered.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case accepted = "Accepted"
        case rejected = "Rejected"
        case unknownMessageID = "UnknownMessageId"
        case unknownVendorID = "UnknownVendorId"
    }

    /// The answer.
    public static func answer(_ status: Status) -> JSON {
        ["status": .string(status.rawValue)]
    }

    /// The vendor of the cost messages for 1.6 (Open Charge Alliance, "OCPP & California Pricing Requirements").
    public static let costVendor = "org.openchargealliance.costmsg"
}
