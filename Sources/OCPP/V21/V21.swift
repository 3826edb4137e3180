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
        /// Digits of the amount, as told.
        public let settlementAmount: String?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            pspReference = decoding.reader.text("pspRef", &fields, .required, limit: 255)
            transactionID = decoding.reader.text("transactionId", &fields, limit: 36)
            status = decoding.reader.word(
                "status", &fields, .required, among: ["Settled", "Canceled", "Rejected", "Failed"])
            settlementAmount = decoding.reader.any("settlementAmount", &fields)?.number
            _ = decoding.reader.timestamp("settlementTime", &fields, .required)
            for key in ["statusInfo", "receiptId", "receiptUrl", "vatCompany", "vatNumber"] {
                _ = decoding.reader.any(key, &fields)
            }
            decoding.reader.finish(fields)
        }
    }
}
