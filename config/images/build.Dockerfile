# The base image with what source distributions are compiled with: compilers and the header packages that old
# releases ask for. Made when a package must first be compiled.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
RUN apt-get update -q \
 && apt-get install -qy --no-install-recommends \
    build-essential gfortran swig pkg-config python3-dev graphviz \
    libxml2-dev libxslt1-dev libffi-dev libssl-dev libcurl4-openssl-dev default-libmysqlclient-dev libpq-dev \
    libjpeg-dev zlib1g-dev libfreetype6-dev libyaml-dev libsnappy-dev libleveldb-dev libzmq3-dev libhdf5-dev \
    libgeos-dev libldap2-dev libsasl2-dev libevent-dev libev-dev libmagic1 libbz2-dev liblzma-dev libsqlite3-dev \
    libreadline-dev libncurses-dev \
 && rm -rf /usr/share/man/* /usr/share/locale/* /var/lib/apt/lists/* /var/cache/apt/*
