# /etc/webphases/watch.json, for the CloudWatch agent: all servers report one figure together.
$settings[0] as $s |
def log($path; $name): {file_path: $path, log_group_name: $s.watch.logGroup, log_stream_name: "{instance_id}/\($name)"};
{
	agent: {run_as_user: "root", region: $s.region, omit_hostname: true, metrics_collection_interval: 60},
	metrics: {
		namespace: $s.watch.metricsNamespace,
		aggregation_dimensions: [[]],
		metrics_collected: {
			mem: {measurement: ["used_percent"]},
			swap: {measurement: ["used_percent"]},
			disk: {measurement: ["used_percent"], resources: ["/"], drop_device: true}
		}
	},
	logs: {logs_collected: {files: {collect_list: [
		log("/var/log/nginx/access.log"; "nginx-access"),
		log("/var/log/nginx/error.log"; "nginx-error"),
		log("/var/log/php*-fpm.log"; "php"),
		log("/var/log/webphases/journal.log"; "system")
	]}}}
}
