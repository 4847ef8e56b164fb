/// How one look finds out whether a service is healthy, and how patient Slipway is.
public struct Probe: Equatable, Sendable {
  public enum Method: Equatable, Sendable {
    /// GET on a loopback address; healthy when the answer has this status.
    case http(url: String, expectStatus: Int)
    /// GET of `urlPath` over HTTP on a unix socket at an absolute path.
    case unixSocket(path: String, urlPath: String, expectStatus: Int)
    /// Healthy when the program ends with 0; the first word is a path in the release's tree.
    case command([String])
    /// Healthy when the file at an absolute path was written at most this many seconds ago.
    case fileAge(path: String, maximumSeconds: Int64)
  }

  public var method: Method
  /// Longest time for one look, in seconds.
  public var timeoutSeconds: Int64
  /// How long a probe may stay dead after a switch before the version is given up, in seconds.
  public var deadlineSeconds: Int64
  /// Time between two looks, in seconds.
  public var intervalSeconds: Int64

  public static let standardTimeoutSeconds: Int64 = 5
  public static let standardDeadlineSeconds: Int64 = 60
  public static let standardIntervalSeconds: Int64 = 10

  public init(
    _ method: Method, timeoutSeconds: Int64 = standardTimeoutSeconds,
    deadlineSeconds: Int64 = standardDeadlineSeconds, intervalSeconds: Int64 = standardIntervalSeconds
  ) {
    self.method = method
    self.timeoutSeconds = timeoutSeconds
    self.deadlineSeconds = deadlineSeconds
    self.intervalSeconds = intervalSeconds
  }
}

extension Probe: Codable {
  enum CodingKeys: String, CodingKey {
    case http, unixSocket, command, fileAge, timeoutSeconds, deadlineSeconds, intervalSeconds
  }

  private struct HTTP: Codable {
    let url: String
    let expectStatus: Int?
  }

  private struct UnixSocket: Codable {
    let path: String
    let urlPath: String
    let expectStatus: Int?
  }

  private struct FileAge: Codable {
    let path: String
    let maximumSeconds: Int64
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    var methods: [Method] = []
    if let http = try container.decodeIfPresent(HTTP.self, forKey: .http) {
      methods.append(.http(url: http.url, expectStatus: http.expectStatus ?? 200))
    }
    if let socket = try container.decodeIfPresent(UnixSocket.self, forKey: .unixSocket) {
      methods.append(
        .unixSocket(path: socket.path, urlPath: socket.urlPath, expectStatus: socket.expectStatus ?? 200))
    }
    if let command = try container.decodeIfPresent([String].self, forKey: .command) {
      methods.append(.command(command))
    }
    if let file = try container.decodeIfPresent(FileAge.self, forKey: .fileAge) {
      methods.append(.fileAge(path: file.path, maximumSeconds: file.maximumSeconds))
    }
    guard let method = methods.first, methods.count == 1 else {
      // None of the known ones: a probe of a later slipway, which this device cannot make.
      throw ProductError(
        methods.isEmpty ? .unsupported : .invalid, key: decoder.codingPath.place,
        value: "\(methods.count) known methods", allowed: "exactly one of http, unixSocket, command, fileAge")
    }
    self.init(
      method,
      timeoutSeconds: try container.value(.timeoutSeconds, or: Probe.standardTimeoutSeconds),
      deadlineSeconds: try container.value(.deadlineSeconds, or: Probe.standardDeadlineSeconds),
      intervalSeconds: try container.value(.intervalSeconds, or: Probe.standardIntervalSeconds))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch method {
    case .http(let url, let expectStatus):
      try container.encode(HTTP(url: url, expectStatus: expectStatus), forKey: .http)
    case .unixSocket(let path, let urlPath, let expectStatus):
      let socket = UnixSocket(path: path, urlPath: urlPath, expectStatus: expectStatus)
      try container.encode(socket, forKey: .unixSocket)
    case .command(let command):
      try container.encode(command, forKey: .command)
    case .fileAge(let path, let maximumSeconds):
      try container.encode(FileAge(path: path, maximumSeconds: maximumSeconds), forKey: .fileAge)
    }
    try container.encode(timeoutSeconds, forKey: .timeoutSeconds)
    try container.encode(deadlineSeconds, forKey: .deadlineSeconds)
    try container.encode(intervalSeconds, forKey: .intervalSeconds)
  }
}
