// SPDX-License-Identifier: Apache-2.0

/// Which settings of a station billing needs to know, and what is unwise about them (charging.md §10, §14). Shown to the
/// operator, never forced.
package enum StationSettings {
    /// The settings that are asked for after each boot: keys of 1.6, or `Component.Variable` of 2.x.
    package static func asked(version: String) -> [String] { version == "1.6" ? asked16 : asked2 }

    private static let asked16 = [
        "CustomDisplayCostAndPrice", "NumberOfDecimalsForCostValues", "LocalPreAuthorize",
        "LocalAuthorizeOffline", "LocalAuthListEnabled", "AllowOfflineTxForUnknownId",
        "AuthorizationCacheEnabled", "AuthorizeRemoteTxRequests", "StopTransactionOnInvalidId",
        "StopTransactionOnEVSideDisconnect", "MaxEnergyOnInvalidId", "MeterValueSampleInterval",
        "MeterValuesSampledData", "StopTxnSampledData", "TransactionMessageAttempts",
        "TransactionMessageRetryInterval", "ConnectionTimeOut", "MinimumStatusDuration",
    ]

    /// Few enough for one GetVariables of any station that we know of.
    private static let asked2 = [
        "TxCtrlr.TxStartPoint", "TxCtrlr.TxStopPoint", "TxCtrlr.StopTxOnInvalidId",
        "TxCtrlr.MaxEnergyOnInvalidId", "TxCtrlr.EVConnectionTimeOut", "AuthCtrlr.LocalPreAuthorize",
        "AuthCtrlr.LocalAuthorizeOffline", "AuthCtrlr.OfflineTxForUnknownIdEnabled",
        "AuthCtrlr.AuthorizeRemoteStart", "AuthCacheCtrlr.Enabled", "LocalAuthListCtrlr.Enabled",
        "SampledDataCtrlr.TxUpdatedInterval", "SampledDataCtrlr.TxUpdatedMeasurands",
        "SampledDataCtrlr.TxEndedMeasurands", "OCPPCommCtrlr.MessageAttempts(TransactionEvent)",
        "OCPPCommCtrlr.MessageAttemptInterval(TransactionEvent)",
    ]

    /// Something that costs money sooner or later.
    package struct Advice: Hashable, Sendable {
        /// The setting.
        package let key: String
        /// What it is; nil if the station did not tell.
        package let value: String?
        /// What we would set, and why: one sentence.
        package let text: String
    }

    /// One setting that billing has an opinion of.
    private struct Opinion {
        let keys: [String]
        let text: String
        let isFine: @Sendable (String) -> Bool

        init(_ keys: [String], _ text: String, _ isFine: @escaping @Sendable (String) -> Bool) {
            self.keys = keys
            self.text = text
            self.isFine = isFine
        }
    }

    private static let opinions = [
        Opinion(
            ["StopTransactionOnInvalidId", "TxCtrlr.StopTxOnInvalidId"],
            "Set it to true: with false a refused token goes on charging, and nobody pays for it.", isTrue),
        Opinion(
            ["MaxEnergyOnInvalidId", "TxCtrlr.MaxEnergyOnInvalidId"],
            "Set it to 0: energy after a refused token is billed to nobody.", { $0 == "0" || $0.isEmpty }),
        Opinion(
            ["AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled"],
            "Set it to false: a session that an unknown token starts offline has no payer.", { !isTrue($0) }),
        Opinion(
            ["MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval"],
            "Set it to 15 to 60 seconds: without samples a lost stop can only be estimated.",
            { Int64($0).map { (1...300).contains($0) } ?? false }),
        Opinion(
            ["TransactionMessageAttempts", "OCPPCommCtrlr.MessageAttempts(TransactionEvent)"],
            "Set it to 10 or more: a message given up after a failure of ours is energy without a bill.",
            { Int64($0).map { $0 >= 10 } ?? false }),
        Opinion(
            ["MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands"],
            "Add Energy.Active.Import.Register: it is the only measurand that is billed.",
            { $0.contains("Energy.Active.Import.Register") }),
        Opinion(
            ["TxCtrlr.TxStartPoint"],
            "Set it to EVConnected,Authorized: then no session is billed before both are so.",
            { $0.contains("Authorized") || $0.contains("PowerPathClosed") }),
        Opinion(
            ["TxCtrlr.TxStopPoint"],
            "Set it to EVConnected or Authorized: otherwise occupancy after the end of charging is not seen.",
            { $0.contains("EVConnected") || $0.contains("Authorized") }),
    ]

    /// What is unwise about settings as they were told. What was not told is no cause for advice.
    package static func advice(on values: [String: String]) -> [Advice] {
        opinions.flatMap { opinion in
            opinion.keys.compactMap { key in
                guard let value = values[key], !opinion.isFine(value) else { return nil }
                return Advice(key: key, value: value, text: opinion.text)
            }
        }
    }

    @Sendable
    private static func isTrue(_ value: String) -> Bool {
        PresentedToken.folded(value) == "TRUE"
    }
}
