#!/bin/sh
# go build -toolexec runs every compilation through this. Compilers spend up to
# half their time collecting garbage: most packages are small, so let them use
# memory instead. The one exception is the SDK of AWS's EC2, which at the default
# setting (GOGC=100) takes 3.3 GiB; at 50 it takes 2.6 GiB, and the whole build
# fits a machine with 4 GiB. AWS's own client of EC2 needs more than the limit
# that all others keep to.
case $1 in
*/compile)
	case $TOOLEXEC_IMPORTPATH in
	*/sdk/v6/go/aws/ec2) export GOGC=50 ;;
	*/aws-sdk-go-v2/service/ec2) ;;
	*) export GOGC=400 GOMEMLIMIT=550MiB ;;
	esac
	;;
esac
exec "$@"
