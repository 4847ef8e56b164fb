/// A command run once outside the caller's sandbox: a probe, a self-test, a qualification.
public struct TransientJob: Sendable, Equatable, Codable {
  /// An absolute path of the device, then its arguments.
  public var command: [String]
  /// nil: root.
  public var user: String?
  public var environment: [String: String]
  /// The working directory, as the device sees it.
  public var directory: String?
  public var sandbox: Sandbox
  /// Whether it gets a network namespace of its own without systemd (with it, `PrivateNetwork=` in `sandbox` says so).
  public var offline: Bool
  /// Seconds after which it is killed.
  public var timeLimit: Double
  /// Bytes of output that are kept; what comes after is read and dropped.
  public var outputLimit: Int

  public init(
    command: [String], user: String? = nil, environment: [String: String] = [:], directory: String? = nil,
    sandbox: Sandbox = Sandbox([Sandbox.Setting]()), offline: Bool = false, timeLimit: Double = 10,
    outputLimit: Int = 64 * 1024
  ) {
    self.command = command
    self.user = user
    self.environment = environment
    self.directory = directory
    self.sandbox = sandbox
    self.offline = offline
    self.timeLimit = timeLimit
    self.outputLimit = outputLimit
  }
}

/// How a transient job ended.
public struct JobResult: Sendable, Equatable, Codable {
  /// The exit code; nil when a signal or the time limit ended it.
  public var status: Int32?
  public var timedOut: Bool
  /// Standard output and standard error, cut at the job's limit.
  public var output: [UInt8]
  /// How long it took.
  public var seconds: Double

  public init(status: Int32?, timedOut: Bool, output: [UInt8], seconds: Double) {
    self.status = status
    self.timedOut = timedOut
    self.output = output
    self.seconds = seconds
  }

  public var isSuccess: Bool { status == 0 }
}
