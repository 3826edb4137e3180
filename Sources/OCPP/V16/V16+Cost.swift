// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V16 {
    /// Values of a station's settings (1.6 §5.8). An empty list asks for all.
    public struct GetConfiguration: OutgoingMessage {
        public static let action = "GetConfiguration"
        public var keys: [String]

        public init(keys: [String]) { self.keys = keys }

        public var payload: JSON { keys.isEmpty ? [:] : ["key": .array(keys.map { .string($0) })] }

        /// What was told: values by key. Keys that the station does not know are missing.
        public static func values(in reply: JSON) -> [String: String] {
            var values: [String: String] = [:]
            for entry in reply["configurationKey"]?.array ?? [] {
                guard let key = entry["key"]?.string else { continue }
                values[key] = entry["value"]?.string ?? ""
            }
            return values
        }
    }

    /// The running cost, for the display (Open Charge Alliance, "OCPP & California Pricing Requirements", RunningCost).
    /// Prices are decimal texts; the content travels as text.
    public struct RunningCost: OutgoingMessage {
        public static let action = DataTransfer.action
        public var transaction: Int64
        /// RFC 3339.
        public var timestamp: String
        /// Wh.
        public var meterValue: Int64?
        public var cost: String
        public var isIdle: Bool
        /// Per kWh.
        public var energyPrice: String?
        /// Per hour of idling.
        public var idlePrice: String?

        public init(
            transaction: Int64, timestamp: String, meterValue: Int64?, cost: String, isIdle: Bool,
            energyPrice: String?, idlePrice: String?
        ) {
            self.transaction = transaction
            self.timestamp = timestamp
            self.meterValue = meterValue
            self.cost = cost
            self.isIdle = isIdle
            self.energyPrice = energyPrice
            self.idlePrice = idlePrice
        }

        public var payload: JSON {
            V16.costMessage(
                "RunningCost",
                .present([
                    "transactionId": JSON(transaction), "timestamp": .string(timestamp),
                    "meterValue": meterValue.map { JSON($0) }, "cost": .number(cost),
                    "state": .string(isIdle ? "Idle" : "Charging"),
                    "chargingPrice": energyPrice.map { ["kWhPrice": .number($0)] },
                    "idlePrice": idlePrice.map { ["hourPrice": .number($0)] },
                ]))
        }
    }

    /// The final cost with the address of the receipt (the same paper, FinalCost).
    public struct FinalCost: OutgoingMessage {
        public static let action = DataTransfer.action
        public var transaction: Int64
        public var cost: String
        public var text: String
        public var receiptURL: String?

        public init(transaction: Int64, cost: String, text: String, receiptURL: String?) {
            self.transaction = transaction
            self.cost = cost
            self.text = text
            self.receiptURL = receiptURL
        }

        public var payload: JSON {
            V16.costMessage(
                "FinalCost",
                .present([
                    "transactionId": JSON(transaction), "cost": .number(cost), "priceText": .string(text),
                    "qrCodeText": receiptURL.map { .string($0) },
                ]))
        }
    }

    /// 1.6 carries a vendor's content as text, not as an object (1.6 §6.15).
    private static func costMessage(_ name: String, _ content: JSON) -> JSON {
        [
            "data": .string(content.text()), "messageId": .string(name),
            "vendorId": .string(DataTransfer.costVendor),
        ]
    }
}
