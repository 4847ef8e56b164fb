import AsyncHTTPClient
import NIOCore

/// One GET to a service on this machine, for a health probe: no proxy, no redirect, no body kept.
public enum HealthRequest {
  /// - Parameters:
  ///   - unixSocket: the path of a unix socket; `url` then is only the path of the request (`/health`).
  ///   - timeout: seconds for the whole.
  /// - Returns: the answer's status.
  /// - Throws: `unreachable`, `overdue`, `invalidURL`.
  public static func status(url: String, unixSocket: String?, timeout: Int64) async throws(TransportError) -> Int {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout.connect = .seconds(timeout)
    let client = HTTPClient(configuration: configuration)
    let target = unixSocket.map { "http+unix://\(escaped($0))\(url)" } ?? url
    let place = unixSocket.map { "\($0) \(url)" } ?? url
    let result: Result<Int, TransportError>
    do {
      let response = try await client.execute(HTTPClientRequest(url: target), timeout: .seconds(timeout))
      result = .success(Int(response.status.code))
    } catch {
      result = .failure(TransportError(.unreachable(.connect), place, "\(error)"))
    }
    try? await client.shutdown()
    return try result.get()
  }

  /// The socket's path as the host part of an http+unix URL.
  private static func escaped(_ path: String) -> String {
    path.utf8.map { byte in
      let plain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
      let digits = String(byte, radix: 16, uppercase: true)
      return plain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
    }.joined()
  }
}
