# wirelab in a container: its machines run inside, by their own kernels. Neither privileges nor devices are needed; with
# --device /dev/kvm they are as quick as on the host.
#
#   docker build --tag wirelab . && docker run --rm wirelab npm run lab macvlan-modes
FROM debian:12
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates npm
WORKDIR /wirelab
COPY . .
RUN npm ci && npm run setup
CMD ["npm", "run", "lab", "bridge-veth"]
