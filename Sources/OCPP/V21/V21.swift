// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// The messages that only OCPP 2.1 has. All others are those of `V201`.
public enum V21 {
    /// A terminal settled a payment, or could not (P2 C19 to C22). Stored; nothing is captured on its word alone.
    public struct NotifySettlement: IncomingMessage, Hashable {
        public static let action = "NotifySettlement"
        public static let mayCarryMoney = true

        /// The payment provider's reference.
        public let pspReference: String?
        /// The session, if there was one.
        public let transactionID: String?
        /// `Settled`, `Canceled`, `Rejected` or `Failed`.
        public let status: String?
        /// Why, in the terminal's words.
        public let statusInfo: String?
        /// The amount as decimal digits, as told.
        public let settlementAmount: String?
        /// When.
        public let settlementTime: Timestamp?
        /// The number of the terminal's own receipt.
        public let receiptID: String?
        /// Where that receipt is.
        public let receiptURL: String?
        /// Whom the driver wants on the invoice.
        public let company: Address?
        /// That company's VAT number.
        public let vatNumber: String?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            pspReference = decoding.reader.text("pspRef", &fields, .required, limit: 255)
            transactionID = decoding.reader.text("transactionId", &fields, limit: 36)
            status = decoding.reader.word(
                "status", &fields, .required, among: ["Settled", "Canceled", "Rejected", "Failed"])
            statusInfo = decoding.reader.text("statusInfo", &fields, limit: 500)
            settlementAmount = decoding.reader.number("settlementAmount", &fields, .required)
            settlementTime = decoding.reader.timestamp("settlementTime", &fields, .required)
            receiptID = decoding.reader.text("receiptId", &fields, limit: 50)
            receiptURL = decoding.reader.text("receiptUrl", &fields, limit: 2000)
            company = decoding.reader.address("vatCompany", &fields)
            vatNumber = decoding.reader.text("vatNumber", &fields, limit: 20)
            decoding.reader.finish(fields)
        }

        /// The answer; both are nil as long as we make no receipts for a terminal's payments.
        public static func answer(receiptURL: String? = nil, receiptID: String? = nil) -> JSON {
            .present([
                "receiptId": receiptID.map { .string($0) }, "receiptUrl": receiptURL.map { .string($0) },
            ])
        }
    }

    /// A driver wants an invoice: is this VAT number real? (P2 C24)
    public struct VatNumberValidation: IncomingMessage, Hashable {
        public static let action = "VatNumberValidation"

        /// As typed.
        public let vatNumber: String?
        /// Where, if told; it goes back in the answer.
        public let evseID: Int64?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            vatNumber = decoding.reader.text("vatNumber", &fields, .required, limit: 20)
            evseID = decoding.reader.integer("evseId", &fields)
            decoding.reader.finish(fields)
        }

        /// The answer of who cannot look VAT numbers up: rejected, and the number with the EVSE as they came.
        public var refusal: JSON {
            .present([
                "status": "Rejected", "vatNumber": .string(String((vatNumber ?? "").prefix(20))),
                "evseId": evseID.map { JSON($0) },
            ])
        }
    }

    /// Tells a terminal that somebody is paying by QR code at an EVSE (P2 C25).
    public struct NotifyWebPaymentStarted: OutgoingMessage {
        public static let action = "NotifyWebPaymentStarted"
        /// Where.
        public var evseID: Int
        /// How long the terminal is to wait for it, seconds.
        public var timeout: Int64

        public init(evseID: Int, timeout: Int64) {
            self.evseID = evseID
            self.timeout = timeout
        }

        public var payload: JSON { ["evseId": JSON(evseID), "timeout": JSON(timeout)] }
    }
}
