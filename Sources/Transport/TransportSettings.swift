/// Bounds on every transfer. The standard ones suit thin lines; tests use smaller ones.
public struct TransportSettings: Sendable {
  public var userAgent = "slipway"
  /// PEM certificates that TLS trusts besides the system's, such as the CA of an inspecting proxy. For the way only:
  /// what is brought is trusted by its signatures.
  public var caFile: String?
  /// What is shown to servers that ask for a client's certificate; nil: nothing.
  public var identity: ClientIdentity?
  /// For each of a TCP connection, a proxy's answer, and TLS.
  public var connectTimeout: Duration = .seconds(15)
  /// For a whole small file, one try.
  public var smallTimeout: Duration = .seconds(60)
  /// For a whole download, all tries and pauses together.
  public var downloadTimeout: Duration = .seconds(24 * 3600)
  /// Stalled: under `stallRate` bytes a second, averaged over this window.
  public var stallWindow: Duration = .seconds(60)
  /// Bytes a second.
  public var stallRate: Int64 = 1000
  /// Pauses between rounds over the base URLs.
  public var retry = RetryPolicy()
  public var maximumRedirects = 5
  /// Bytes between two flushes of a partial download: what a power cut can cost at most.
  public var checkpointInterval: Int64 = 32 << 20
  /// The longest time between them: a thin line takes hours for so many bytes.
  public var checkpointPause: Duration = .seconds(30)
  /// A round that brought the file at least so many bytes further than before starts the count of tries anew.
  public var progressThreshold: Int64 = 256 << 10

  public init() {}
}
