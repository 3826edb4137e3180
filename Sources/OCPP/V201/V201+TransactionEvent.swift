// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V201 {
    /// Something happened in a session (P2 §1.3, E01 to E17).
    public struct TransactionEvent: IncomingMessage, Hashable {
        public static let action = "TransactionEvent"
        public static let mayCarryMoney = true

        /// `Started`, `Updated` or `Ended`.
        public let eventType: String?
        /// When it happened.
        public let timestamp: Timestamp?
        /// Why the message was sent, e.g. `Authorized`.
        public let triggerReason: String?
        /// The station's count of events; may start above 0 and repeat (C37, C38).
        public let seqNo: Int64?
        /// Whether it happened while the station was offline.
        public let isOffline: Bool
        /// The station's name for the session, at most 36 characters.
        public let transactionID: String?
        /// `Charging`, `EVConnected`, `SuspendedEV`, `SuspendedEVSE` or `Idle`, if told.
        public let chargingState: String?
        /// Why it ended, if told.
        public let stoppedReason: String?
        /// The number of the request that it answers.
        public let remoteStartID: Int64?
        /// Where, if told; it may come in any event (C43).
        public let evse: EVSE?
        /// The token, if told; it may come in any event (C43).
        public let idToken: IDToken?
        /// The reservation it ends, if any.
        public let reservationID: Int64?
        /// 2.1: the tariff by which the station reckons, if told.
        public let tariffID: String?
        /// 2.1: where the session ends by itself, if told.
        public let transactionLimit: V21.TransactionLimit?
        /// 2.1: what the station makes of the cost, if told.
        public let costDetails: V21.CostDetails?
        /// Samples.
        public let meterValues: [MeterValue]

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            eventType = decoding.reader.word(
                "eventType", &fields, .required, among: ["Started", "Updated", "Ended"])
            timestamp = decoding.reader.timestamp("timestamp", &fields, .required)
            triggerReason = decoding.reader.word("triggerReason", &fields, .required, among: Self.triggers)
            seqNo = decoding.reader.integer("seqNo", &fields, .required)
            isOffline = decoding.reader.bool("offline", &fields) ?? false
            var transaction = decoding.reader.object("transactionInfo", &fields, .required)
            transactionID = transaction.flatMapInPlace {
                decoding.reader.text("transactionId", &$0, .required, limit: 36)
            }
            chargingState = transaction.flatMapInPlace {
                decoding.reader.word("chargingState", &$0, among: Self.chargingStates)
            }
            stoppedReason = transaction.flatMapInPlace {
                decoding.reader.word("stoppedReason", &$0, among: Self.stoppedReasons)
            }
            remoteStartID = transaction.flatMapInPlace { decoding.reader.integer("remoteStartId", &$0) }
            tariffID = transaction.flatMapInPlace { decoding.reader.text("tariffId", &$0, limit: 60) }
            transactionLimit = transaction.flatMapInPlace {
                decoding.reader.transactionLimit("transactionLimit", &$0)
            }
            for key in Self.keptUnread { _ = transaction.flatMapInPlace { decoding.reader.any(key, &$0) } }
            if let transaction { decoding.reader.finish(transaction) }
            evse = decoding.reader.evse("evse", &fields)
            idToken = decoding.reader.token("idToken", &fields)
            reservationID = decoding.reader.integer("reservationId", &fields)
            costDetails = decoding.reader.costDetails("costDetails", &fields)
            meterValues = decoding.reader.meterValues("meterValue", &fields)
            for key in Self.keptUnread { _ = decoding.reader.any(key, &fields) }
            decoding.reader.finish(fields)
        }

        /// The answer. `totalCost` is a decimal text with the currency's digits; nil while it is unknown (C75). `limit`
        /// is only for 2.1.
        public static func answer(
            totalCost: String?, _ info: IDTokenInfo?, limit: V21.TransactionLimit? = nil
        ) -> JSON {
            .present([
                "totalCost": totalCost.map { .number($0) }, "idTokenInfo": info?.json,
                "transactionLimit": limit?.json,
            ])
        }

        /// Fields that are kept in the stored frame and not read.
        private static let keptUnread = [
            "numberOfPhasesUsed", "cableMaxCurrent", "timeSpentCharging", "preconditioningStatus",
            "evseSleep",
            "operationMode",
        ]
        private static let chargingStates = [
            "Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle",
        ]
        private static let triggers = [
            "AbnormalCondition", "Authorized", "CablePluggedIn", "ChargingRateChanged",
            "ChargingStateChanged",
            "CostLimitReached", "Deauthorized", "EnergyLimitReached", "EVCommunicationLost",
            "EVConnectTimeout",
            "EVDeparted", "EVDetected", "LimitSet", "MeterValueClock", "MeterValuePeriodic",
            "OperationModeChanged", "RemoteStart", "RemoteStop", "ResetCommand", "RunningCost",
            "SignedDataReceived", "SoCLimitReached", "StopAuthorized", "TariffChanged", "TariffNotAccepted",
            "TimeLimitReached", "Trigger", "TxResumed", "UnlockCommand",
        ]
        private static let stoppedReasons = [
            "DeAuthorized", "EmergencyStop", "EnergyLimitReached", "EVDisconnected", "GroundFault",
            "ImmediateReset", "Local", "LocalOutOfCredit", "MasterPass", "Other", "OvercurrentFault",
            "PowerLoss", "PowerQuality", "Reboot", "Remote", "ReqEnergyTransferRejected", "SOCLimitReached",
            "StoppedByEV", "TimeLimitReached", "Timeout",
        ]
    }
}

extension Optional {
    /// Changes the wrapped value in place, if there is one, and hands on what the change gives.
    fileprivate mutating func flatMapInPlace<Result>(_ change: (inout Wrapped) -> Result?) -> Result? {
        guard var value = self else { return nil }
        defer { self = value }
        return change(&value)
    }
}
