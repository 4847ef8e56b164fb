/// What can happen to a product on a device, as history and journald tell it. The table for admins is `docs/events.md`; a
/// test holds the two against each other.
public enum EventKind: String, Sendable, CaseIterable {
  case installed, installFailed, staged, switched, committed, rolledBack, rollbackFailed, inconclusive, knownBad
  case refused, failed, rescued, setAside, mended, repaired, wishChanged, wishesTaken, offboarded, historyCut

  /// What `journalctl MESSAGE_ID=` finds it by (systemd.journal-fields(7)): 128 random bits each, drawn once, never changed.
  public var messageID: String {
    switch self {
    case .installed: "eb415848d21c472d99bbbcf260eeb451"
    case .installFailed: "8c27c0370baf4959bd8c8e28ffe64a7d"
    case .staged: "8848ccb6b7434c0688eec71979ec5a2c"
    case .switched: "b7160bf61ba7431bb4fd2cdb1576d113"
    case .committed: "01967df7c49d4cf7b97cc5726321370f"
    case .rolledBack: "9acd01238ee343419256f0f28e16028a"
    case .rollbackFailed: "bffe0fff185645efa0d9690fa5180b6e"
    case .inconclusive: "a89fa1c9b95a440d8c448e20b9cea84f"
    case .knownBad: "bf5d2a75f1364c9a9f97ab78cb34a5e9"
    case .refused: "dfb947a218f8483f857e8883151cecee"
    case .failed: "33e07d4b9c14434ea88410c48d5f8c7e"
    case .rescued: "bffa57e43e1343268b0c7750fd32aff2"
    case .setAside: "d716c00f1d3a4752bb68c0d930496afc"
    case .mended: "0a967f6e00b84f5b96a90fb3016c3daf"
    case .repaired: "436c65f4972845c3847327ea2e6dfc6d"
    case .wishChanged: "c9aab65c813a45e999ca7d153d5791c7"
    case .wishesTaken: "493cf10f86dd423282247181ddaef642"
    case .offboarded: "5f2d79314993441a91ca4079ec9e4cd2"
    case .historyCut: "26b415385dd94df881a4de9c084dab73"
    }
  }

  /// syslog(3): 2 needs a person, 3 something failed, 4 worth a look, 5 a change, 6 for the record.
  public var priority: Int {
    switch self {
    case .rollbackFailed: 2
    case .installFailed, .rolledBack, .knownBad, .failed, .rescued: 3
    case .inconclusive, .refused, .setAside, .mended, .historyCut: 4
    case .repaired, .installed, .switched, .committed, .wishChanged, .offboarded: 5
    case .staged, .wishesTaken: 6
    }
  }
}
