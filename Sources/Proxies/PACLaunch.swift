import SystemPackage

/// How an evaluator comes to be: one a conversation, in either case.
public enum PACLaunch: Sendable {
  /// Started by this process, with a socket as its standard input: a `slipway` and the verb, in general.
  case process(FilePath, arguments: [String] = ["pac-evaluator"])
  /// Somebody listens at this unix socket and starts one for each connection (systemd.socket(5), Accept=yes).
  case socket(FilePath)
}
